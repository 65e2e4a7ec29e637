import { expect, test } from 'vitest'

import { agoWords, leftWords, lengthWords, spanWords, waitWords } from './time.ts'

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
  [5, 20, 'less than a minute left'],
  [20, 50, 'about 1 min left'],
  [40, 130, 'about 1–2 min left'],
  [240, 360, 'about 4–6 min left'],
  [4000, 5600, 'about 1–2 h left'],
  [7000, 7400, 'about 2 h left'],
])('%d to %d seconds to go read %s', (low, high, words) => {
  expect(leftWords({ low, high })).toBe(words)
})

test('a part of a video is told by its time', () => {
  expect(spanWords(0, 4.8125)).toBe('0.0–4.8 s')
  expect(spanWords(67.2, 4.8)).toBe('67.2–72.0 s')
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
