import { expect, test } from 'vitest'

import { changedParams, filtersIn } from './useFilters.ts'

test('only the filters that are known and set are read from the address', () => {
  const params = new URLSearchParams('owner=ann&status=&colour=red')
  expect(filtersIn(params, ['owner', 'status'])).toEqual({ owner: 'ann' })
})

test('a change keeps the rest of the address, and an empty value goes', () => {
  const before = new URLSearchParams('owner=ann&error=internal')
  const after = changedParams(before, { owner: '', search: 'red hat' })
  expect(after.toString()).toBe('error=internal&search=red+hat')
  expect(before.get('owner')).toBe('ann')
})
