import { expect, test } from 'vitest'

import { promised } from '../../test/factory.ts'
import { busyWait, promiseChecks, promiseWords } from './promiseWords.ts'

const MINUTE = { low: 50, high: 70 }
const THREE = { low: 150, high: 210 }

test('a promise names length, shape, quality, size, readiness and place', () => {
  const asked = promised({ wait_seconds: THREE, estimated_seconds: MINUTE, queue_position: 4 })
  expect(promiseWords(asked)).toEqual([
    '6 s',
    '9:16',
    'Standard',
    '480 × 832',
    'ready in about 4 min, 3 ahead of you',
  ])
})

test.each([
  [{ wait_seconds: THREE }, 'starts in about 3 min, no one ahead of you'],
  [{ estimated_seconds: THREE }, 'about 3 min once it starts, no one ahead of you'],
  [{ queue_position: 2 }, '1 ahead of you'],
])('with only %j known, nothing more is promised', (part, words) => {
  expect(promiseWords(promised(part)).at(-1)).toBe(words)
})

test('a video without sound is told before', () => {
  expect(promiseWords(promised({ has_audio: false }))).toContain('no sound')
})

test('what is worth knowing of a video is told before it is made', () => {
  const warnings = [{ code: 'shorter_than_asked', message: 'Your file ends after 3.0 seconds.' }]
  expect(promiseChecks(promised({ warnings }))).toEqual([
    { id: 'shorter_than_asked', tone: 'warn', text: warnings[0]?.message, blocks: false },
  ])
  expect(promiseChecks(undefined)).toEqual([])
})

test('the studio is busy from a wait of ten minutes on', () => {
  expect(busyWait(undefined)).toBeNull()
  expect(busyWait(promised())).toBeNull()
  expect(busyWait(promised({ wait_seconds: { low: 300, high: 600 } }))).toBeNull()
  const long = { low: 420, high: 840 }
  expect(busyWait(promised({ wait_seconds: long }))).toEqual(long)
})
