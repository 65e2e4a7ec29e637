import { expect, test } from 'vitest'

import { queryOf } from './filter.ts'

test('several states are asked for as several', () => {
  expect(queryOf({ owner: 'ann', status: 'failed,cancelled' })).toEqual({
    owner: 'ann',
    status: ['failed', 'cancelled'],
  })
})

test('no state asks for all of them', () => {
  expect(queryOf({ search: 'hat' })).toEqual({ search: 'hat' })
})
