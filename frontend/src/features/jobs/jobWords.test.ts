import { expect, test } from 'vitest'

import type { Wait } from '../../api/types.ts'
import { job, wait } from '../../test/factory.ts'
import { growing } from '../../test/videos.ts'
import {
  endsEarly,
  keptWords,
  metaWords,
  moves,
  shapeOf,
  stageOf,
  stageWords,
  waitParts,
  warningLines,
} from './jobWords.ts'

test.each([
  [{ stage: 'reading_files' }, 'Reading your files', 'Getting ready'],
  [{ stage: 'in_line' }, 'In line', 'Finding your place'],
  [{ stage: 'animating' }, 'Animating', 'estimating'],
  [{ stage: 'animating', eta_seconds: { low: 200, high: 280 } }, 'Animating', 'about 3–5 min left'],
  [{ stage: 'in_line', segments_done: 1 }, 'In line for the next part', 'Finding your place'],
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

test('a video between two parts is no further back, and tells its place', () => {
  const place = wait({ position: 2, seconds: IN_4_MIN })
  const between = job({ status: 'queued', stage: 'in_line', segments_done: 3, wait: place })
  expect(stageOf(between)).toBe('animating')
  expect(moves(between)).toBe(true)
  expect(waitParts(between)).toEqual(['Number 2 in line', 'goes on in about 4 min'])
})

test('a video before its first part waits without a percentage', () => {
  const first = job({ status: 'queued', stage: 'in_line' })
  expect(stageOf(first)).toBe('in_line')
  expect(moves(first)).toBe(false)
})

test('a video that waits for its owner says so, and leaves the rest to the choice', () => {
  const asked = wait({ reason: 'decision', message: 'Play it, then choose.', position: null })
  const deciding = job({ status: 'queued', stage: 'in_line', segments_done: 2, wait: asked })
  expect([stageWords(deciding), ...waitParts(deciding)]).toEqual(['Waiting for you'])
})

test.each([
  [{ actions: ['cancel'], segments_done: 1 }, true],
  [{ actions: ['cancel', 'keep'], segments_done: 1 }, false],
  [{ actions: ['cancel'], segments_done: 0 }, false],
  [{ actions: [], segments_done: 1, status: 'cancelling' }, false],
  [{ actions: ['retry'], segments_done: 1, status: 'failed' }, false],
] as const)('whether a video with %j ends early', ({ actions, ...part }, early) => {
  expect(endsEarly(job({ ...part, actions: [...actions], segment_count: 4 }))).toBe(early)
})

test('what is kept of a video is told by its length when it is known', () => {
  expect(keptWords(job({ growing: growing(2), segments_done: 2 }))).toBe(
    'The first 9.6 s are kept.',
  )
  expect(keptWords(job({ segments_done: 1 }))).toBe('What is done is kept.')
  expect(keptWords(job())).toBeNull()
})

test('a warning of several parts is told once', () => {
  const drifted = { code: 'drifted', message: 'It looks different.' }
  const warnings = [
    { ...drifted, segment: 4 },
    { code: 'other', message: 'Something else.' },
    { ...drifted, segment: 1 },
    { ...drifted, segment: 4 },
  ]
  expect(warningLines(warnings)).toEqual([
    { message: 'It looks different.', parts: [2, 5] },
    { message: 'Something else.', parts: [] },
  ])
})

test('the facts of a video name its mode and quality', () => {
  expect(metaWords(job())).toEqual(['Animate – Move', 'Standard'])
})

test('the shape is the one asked for until there is a result', () => {
  const asked = { ...job().settings_json, aspect_ratio: '16:9' as const }
  expect(shapeOf(job({ settings_json: asked }))).toBeCloseTo(16 / 9)
  expect(shapeOf(job())).toBeCloseTo(9 / 16)
})
