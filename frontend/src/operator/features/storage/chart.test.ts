import { expect, test } from 'vitest'

import { chartOf } from './chart.ts'

const DAYS = [
  { at: '2026-11-01T00:00:00Z', size_bytes: 0, kinds: {} },
  { at: '2026-11-02T00:00:00Z', size_bytes: 50, kinds: {} },
  { at: '2026-11-05T00:00:00Z', size_bytes: 100, kinds: {} },
]

test('days that were not measured take their room all the same', () => {
  expect(chartOf(DAYS).points.map(({ x, y }) => [x, y])).toEqual([
    [0, 120],
    [150, 60],
    [600, 0],
  ])
})

test('a single day with nothing stored is a point on the ground', () => {
  expect(chartOf(DAYS.slice(0, 1)).points).toMatchObject([{ x: 300, y: 120 }])
})
