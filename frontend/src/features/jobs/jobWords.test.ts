import { expect, test } from 'vitest'

import type { Wait } from '../../api/types.ts'
import { job, wait } from '../../test/factory.ts'
import { metaWords, shapeOf, stageWords, waitParts } from './jobWords.ts'

test.each([
  [{ stage: 'reading_files' }, 'Reading your files', 'Getting ready'],
  [{ stage: 'in_line' }, 'In line', 'Finding your place'],
  [{ stage: 'animating' }, 'Animating', 'estimating'],
  [{ stage: 'animating', eta_seconds: { low: 200, high: 280 } }, 'Animating', 'about 4 min left'],
  [{ stage: 'finishing' }, 'Finishing', 'Nearly there'],
  [{ stage: 'animating', status: 'cancelling' }, 'Stopping', 'This takes a few seconds.'],
] as const)('%j reads %s, %s', (part, stage, waits) => {
  expect([stageWords(job(part)), ...waitParts(job(part))]).toEqual([stage, waits])
})

const IN_4_MIN = { low: 200, high: 280 }

test.each<[Partial<Wait>, string[]]>([
  [{ position: 3 }, ['Number 3 in line']],
  [{ position: 3, about: true }, ['About number 3']],
  [{ position: 3, seconds: IN_4_MIN }, ['Number 3 in line', 'starts in about 4 min']],
  [{ reason: 'next', position: 1 }, ['Next']],
  [
    { reason: 'next', position: 2, about: true, seconds: { low: 0, high: 0 } },
    ['Next', 'starts in less than a minute'],
  ],
  [{ reason: 'paused', message: 'We pause.', position: 3, about: true }, ['We pause.']],
  [{ reason: 'no_renderer', message: 'All are away.', position: 1 }, ['All are away.']],
])('a job in line with %j reads %j', (part, words) => {
  expect(waitParts(job({ stage: 'in_line', wait: wait(part) }))).toEqual(words)
})

test('a job whose files are read says so in the words of the server', () => {
  const reading = wait({ reason: 'reading_files', message: 'We read your files.', position: null })
  expect(waitParts(job({ stage: 'reading_files', wait: reading }))).toEqual(['We read your files.'])
})

test('the facts of a video name its mode and quality', () => {
  expect(metaWords(job())).toEqual(['Animate – Move', 'Standard'])
})

test('the shape is the one asked for until there is a result', () => {
  const asked = { ...job().settings_json, aspect_ratio: '16:9' as const }
  expect(shapeOf(job({ settings_json: asked }))).toBeCloseTo(16 / 9)
  expect(shapeOf(job())).toBeCloseTo(9 / 16)
})
