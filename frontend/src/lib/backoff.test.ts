import { expect, test } from 'vitest'

import { backoffMs } from './backoff.ts'

test('waits double up to 15 seconds and never fall under half a second', () => {
  const shortest = [0, 1, 2, 3, 4, 5, 20].map((attempt) => backoffMs(attempt, () => 0))
  const longest = [0, 1, 2, 3, 4, 5, 20].map((attempt) => backoffMs(attempt, () => 1))
  expect(shortest).toEqual([500, 1000, 2000, 4000, 7500, 7500, 7500])
  expect(longest).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
})
