import { expect, test, vi } from 'vitest'

import { ApiError, isPassing, problemWords, retryAt, toApiError } from './problem.ts'

const PROBLEM = {
  type: 'about:blank',
  title: 'Can’t be done as asked',
  status: 422,
  code: 'too_long',
  message: 'Your clip is too long.',
  field: 'motion_video_asset_id',
  reference: 'A1B2',
  errors: [
    { field: 'motion_video_asset_id', code: 'too_long', message: 'Your clip is too long.' },
    { field: 'prompt', code: 'empty_prompt', message: 'Write what should happen.' },
  ],
}

test('a problem is told in its own words, each once, with its reference', () => {
  expect(problemWords(toApiError(422, JSON.stringify(PROBLEM)))).toEqual({
    lines: ['Your clip is too long.', 'Write what should happen.'],
    reference: 'A1B2',
  })
})

test.each([
  [401, 'Sign in'],
  [413, 'smaller'],
  [415, 'Replace'],
  [422, 'Change'],
  [429, 'later'],
  [500, 'Try again'],
  [502, 'Try again'],
  [503, 'Try again'],
  [504, 'Try again'],
])('a bare %d says what is kept, what to do and its code', (status, what) => {
  const { lines, reference } = problemWords(toApiError(status, '<html>'))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/\bkept\b/)
  expect(lines[0]).toContain(what)
  expect(lines[0]?.split(' ').length).toBeLessThanOrEqual(13)
  expect(reference).toBe(`${status}`)
})

test.each([
  [true, 'We cannot be reached'],
  [false, 'You are offline'],
])('without an answer, the browser being online: %s, it says so', (onLine, words) => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(onLine)
  const [line] = problemWords(new TypeError('Failed to fetch')).lines
  expect(line).toContain(words)
  expect(line).toMatch(/files are kept\. Try again/)
})

test.each([
  ['90', 90_000],
  ['Sun, 22 Nov 2026 12:05:00 GMT', 300_000],
  ['soon', null],
  [null, null],
])('too much at once may be sent after Retry-After %j', (header, after) => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  vi.spyOn(Date, 'now').mockReturnValue(now)
  expect(retryAt(toApiError(429, '', header))).toBe(after === null ? null : now + after)
  expect(retryAt(toApiError(503, '', header))).toBeNull()
})

test('only what may pass by itself is sent again', () => {
  expect(isPassing(new TypeError('Failed to fetch'))).toBe(true)
  expect(isPassing(new ApiError(503, null))).toBe(true)
  expect(isPassing(new ApiError(422, null))).toBe(false)
  expect(isPassing(new ApiError(500, null))).toBe(false)
})
