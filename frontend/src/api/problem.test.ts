import { expect, test } from 'vitest'

import { ApiError, isPassing, problemWords, toApiError } from './problem.ts'

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

test.each([413, 415, 429])('a proxy that answers %d has a sentence of its own', (status) => {
  const { lines, reference } = problemWords(toApiError(status, '<html>'))
  expect(lines[0]).toMatch(/\.$/)
  expect(lines[0]).not.toContain('our side')
  expect(reference).toBeNull()
})

test('an unknown failure says whose fault it is and what is kept', () => {
  expect(problemWords(toApiError(500, '{}')).lines[0]).toContain('Your files are kept')
})

test('a lost network says what to do', () => {
  expect(problemWords(new TypeError('Failed to fetch')).lines[0]).toContain('Try again')
})

test('only what may pass by itself is sent again', () => {
  expect(isPassing(new TypeError('Failed to fetch'))).toBe(true)
  expect(isPassing(new ApiError(503, null))).toBe(true)
  expect(isPassing(new ApiError(422, null))).toBe(false)
  expect(isPassing(new ApiError(500, null))).toBe(false)
})
