import { expect, test } from 'vitest'

import { ApiError, toApiError } from '../../api/problem.ts'
import {
  agoWords,
  durationWords,
  problemWords,
  rangeWords,
  referenceOf,
  sizeWords,
} from './words.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

test.each([
  ['2026-11-23T12:00:05Z', 'now'],
  ['2026-11-23T11:59:48Z', '12 s ago'],
  ['2026-11-23T11:55:00Z', '5 min ago'],
  ['2026-11-22T13:00:00Z', '23 h ago'],
  ['2026-11-20T12:00:00Z', '3 d ago'],
])('%s was %s', (at, words) => {
  expect(agoWords(at, NOW)).toBe(words)
})

test.each([
  [0.44, '0.4 s'],
  [42.4, '42 s'],
  [60, '1 min'],
  [184, '3 min 4 s'],
  [7500, '2 h 5 min'],
  [86_400 * 3 + 4 * 3600, '3 d 4 h'],
])('%d seconds are %s', (seconds, words) => {
  expect(durationWords(seconds)).toBe(words)
})

test('a range of equal ends is one length', () => {
  expect(rangeWords({ low: 15, high: 35 })).toBe('15 s–35 s')
  expect(rangeWords({ low: 20, high: 20 })).toBe('20 s')
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_250, '1.3 KB'],
  [34_000_000_000, '34 GB'],
])('%d bytes are %s', (bytes, words) => {
  expect(sizeWords(bytes)).toBe(words)
})

test('the reference is the one that the owner was told', () => {
  expect(referenceOf('0a1b2c3d-4e5f-4a5b-8c7d-9e0f1a2b3c4d')).toBe('F-0A1B2C3D')
})

test('a refusal says what the server says, with every field and the log reference', () => {
  const errors = [{ field: 'reason', code: 'invalid_request', message: 'Too short.' }]
  const body = JSON.stringify({ message: 'The reason is too short.', errors, reference: '1A2B' })
  expect(problemWords(toApiError(422, body))).toEqual({
    lines: ['The reason is too short.', 'reason: Too short.'],
    reference: '1A2B',
  })
})

test('what answers in place of the gateway is named by its status', () => {
  expect(problemWords(new ApiError(502, null)).lines).toEqual([
    'The gateway did not answer: HTTP 502.',
  ])
  expect(problemWords(new TypeError('Failed to fetch')).lines).toEqual([
    "The gateway can't be reached (Failed to fetch).",
  ])
})
