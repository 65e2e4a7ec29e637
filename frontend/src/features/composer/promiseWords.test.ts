import { expect, test } from 'vitest'

import { promised } from '../../test/factory.ts'
import { busyWait } from './busy.ts'
import { promiseChecks, promiseWords } from './promiseWords.ts'

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

test('while a file is read, no length is promised', () => {
  expect(promiseWords(promised({ checking: true }))[0]).toBe('Reading your files…')
})

const CUT = {
  code: 'cut_in_clip',
  message: 'Your clip cuts to another shot at 2.4 seconds.',
  field: 'motion_video_asset_id',
  action: 'trim',
  trim_to_seconds: 2.3,
} as const

test('what is worth knowing of a video is told before it is made', () => {
  const { code: _code, message, ...advice } = CUT
  expect(promiseChecks(promised({ warnings: [CUT] }))).toEqual([
    { id: 'cut_in_clip-motion_video_asset_id', tone: 'warn', text: message, blocks: false, advice },
  ])
})

test('what could not be checked is said once all is read', () => {
  const not_checked = ['ground_truth_asset_id', 'audio_asset_id', 'reference_asset_ids.0']
  expect(promiseChecks(promised({ not_checked })).map(({ text }) => text)).toEqual([
    'Not all could be checked in your picture and sound.',
  ])
  expect(promiseChecks(promised({ not_checked, checking: true }))).toEqual([])
  expect(promiseChecks(promised({ not_checked: ['reference_asset_ids.0'] }))).toEqual([])
})

test('a long line is told in a notice of its own', () => {
  const wait = { low: 420, high: 840 }
  const busy = { code: 'busy', message: 'A new video starts in about 11 minutes.' }
  const asked = promised({ wait_seconds: wait, warnings: [busy] })
  expect(promiseChecks(asked)).toEqual([])
  expect(busyWait(asked)).toEqual(wait)
  expect(busyWait(promised({ wait_seconds: wait }))).toBeNull()
  expect(busyWait(undefined)).toBeNull()
})
