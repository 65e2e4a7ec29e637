import { expect, test } from 'vitest'

import { metersOf } from './usageWords.ts'

test('a limit is told in words of a person, with the part that is used', () => {
  const uses = [
    { name: 'gpu_seconds_per_day', used: 90, limit: 600, resets_at: null },
    { name: 'upload_bytes_per_day', used: 0, limit: 2_000_000, resets_at: null },
  ] as const
  expect(metersOf([...uses])).toEqual([
    { label: 'Render time in 24 hours', words: '1.5 of 10 min', part: 0.15, resets: null },
    { label: 'Size of uploads in 24 hours', words: '0 of 2 MB', part: 0, resets: null },
  ])
})

test('what has no limit has no meter, and requests are no concern of a person', () => {
  expect(
    metersOf([
      { name: 'uploads_per_day', used: 3, limit: null, resets_at: null },
      { name: 'requests_per_minute', used: 3, limit: 60, resets_at: null },
    ]),
  ).toEqual([])
})

test('what is used up says from when there is more', () => {
  const [meter] = metersOf([
    { name: 'uploads_per_day', used: 5, limit: 5, resets_at: '2026-11-24T10:00:00Z' },
  ])
  expect(meter).toMatchObject({ part: 1, resets: expect.stringMatching(/^More from .+\.$/) })
})
