import { expect, test } from 'vitest'

import { EVERYTHING_OFF, requestOf, sightWords } from './shareWords.ts'

test('a link shows the video and nothing else, unless it is asked for', () => {
  expect(requestOf(EVERYTHING_OFF)).toEqual({
    days: 7,
    show_prompt: false,
    show_inputs: false,
    allow_download: false,
  })
  expect(requestOf({ ...EVERYTHING_OFF, ends: 'never' }).days).toBeNull()
})

test.each([
  [false, false, 'only the video'],
  [true, false, 'the video and your words'],
  [true, true, 'the video, your words and your files'],
])('it is said before what others will see', (prompt, inputs, seen) => {
  expect(sightWords({ prompt, inputs })).toBe(`Anyone with the link sees ${seen}.`)
})
