import { expect, test } from 'vitest'

import type { Admin } from '../../api.ts'
import { daysOf, rowsByKind, rowsByOwner } from './sums.ts'

const TOTALS: Admin<'StorageTotal'>[] = [
  { kind: 'parts', owner: null, age: 'under 1 day', objects: 1, size_bytes: 5 },
  { kind: 'outputs', owner: 'ann', age: 'under 1 day', objects: 2, size_bytes: 20 },
  { kind: 'outputs', owner: 'ben', age: 'over 90 days', objects: 3, size_bytes: 30 },
]

test('kinds are summed over owners and ages, the largest first', () => {
  expect(rowsByKind(TOTALS)).toMatchObject([
    {
      name: 'outputs',
      objects: 5,
      size_bytes: 50,
      ages: { 'under 1 day': 20, 'over 90 days': 30 },
    },
    { name: 'parts', objects: 1, size_bytes: 5, ages: { 'under 1 day': 5, 'over 90 days': 0 } },
  ])
})

test('what is shared has a line among the owners', () => {
  expect(rowsByOwner(TOTALS).map(({ name }) => name)).toEqual(['ben', 'ann', 'shared, or nobody’s'])
})

test('the kinds of a day are one measurement', () => {
  const later = '2026-11-23T03:00:00Z'
  const days: Admin<'StorageDay'>[] = [
    { at: later, kind: 'parts', objects: 1, size_bytes: 5 },
    { at: '2026-11-22T03:00:00Z', kind: 'parts', objects: 1, size_bytes: 1 },
    { at: later, kind: 'outputs', objects: 1, size_bytes: 7 },
  ]
  expect(daysOf(days).map(({ at, size_bytes }) => [at.slice(8, 10), size_bytes])).toEqual([
    ['22', 1],
    ['23', 12],
  ])
})
