import { expect, test } from 'vitest'

import { agoWords, lengthWords, waitWords } from './time.ts'

test.each([
  [4.5, '4.5 s'],
  [4.5625, '4.6 s'],
  [12, '12 s'],
  [59.96, '1 min'],
  [60, '1 min'],
  [65.2, '1 min 5 s'],
])('%d seconds long reads %s', (seconds, words) => {
  expect(lengthWords(seconds)).toBe(words)
})

test.each([
  [5, 20, 'less than a minute'],
  [40, 60, 'about 1 min'],
  [200, 280, 'about 4 min'],
  [5000, 5600, 'about 88 min'],
  [7000, 7400, 'about 2 h'],
])('a wait of %d to %d seconds reads %s', (low, high, words) => {
  expect(waitWords({ low, high })).toBe(words)
})

test.each([
  [-5, 'just now'],
  [59, 'just now'],
  [61, '1 min ago'],
  [7300, '2 h ago'],
])('%d seconds ago reads %s', (seconds, words) => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  expect(agoWords(new Date(now - seconds * 1000).toISOString(), now)).toBe(words)
})
