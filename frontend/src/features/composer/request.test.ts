import { expect, test } from 'vitest'

import { asset, chip, draft, job } from '../../test/factory.ts'
import { EMPTY } from './draft.ts'
import { UNEDITED } from './edit.ts'
import { assetsOf, draftOf, frameOf } from './fromJob.ts'
import { toRequest } from './request.ts'

test('a draft that misses something asks for nothing', () => {
  expect(toRequest(EMPTY)).toBeNull()
})

test('Move sends the clip, and nothing that only Mix knows', () => {
  expect(toRequest(draft({ mode: 'move' }))).toMatchObject({
    mode: 'animate',
    animate_submode: 'move',
    ground_truth_asset_id: 'asset-ground-truth',
    motion_video_asset_id: 'asset-motion-video',
    background_preservation: null,
    relighting: null,
  })
})

test('Mix sends its two choices', () => {
  const settings = { ...EMPTY.settings, keepBackground: false }
  expect(toRequest(draft({ mode: 'mix', settings }))).toMatchObject({
    animate_submode: 'mix',
    background_preservation: false,
    relighting: true,
  })
})

test('how closely to follow the voice is left out in Draft', () => {
  const settings = { ...EMPTY.settings, adherence: 'strong', quality: 'draft' } as const
  expect(toRequest(draft({ mode: 'audio', settings }))).toMatchObject({
    mode: 'audio-performance',
    audio_asset_id: 'asset-audio',
    audio_adherence_profile: null,
  })
  expect(
    toRequest(draft({ mode: 'audio', settings: { ...settings, quality: 'high' } })),
  ).toMatchObject({
    audio_adherence_profile: 'strong',
  })
})

test('typed numbers are sent as numbers and empty ones as none', () => {
  const settings = { ...EMPTY.settings, length: '4.5', variation: '0' }
  expect(toRequest(draft({ settings }))).toMatchObject({ duration_override_seconds: 4.5, seed: 0 })
  expect(toRequest(draft())).toMatchObject({ duration_override_seconds: null, seed: null })
})

const FRAME = { x: 0.5, y: 0.4, zoom: 2 }
const POINTS = [{ x: 0.3, y: 0.6, label: 1 }]

function editedDraft(mode: 'move' | 'mix' | 'audio') {
  const chips = [
    chip('ground-truth', { edit: { ...UNEDITED, frame: FRAME } }),
    chip('motion-video', { edit: { ...UNEDITED, start: 1.5, points: POINTS } }),
    chip('audio', { edit: { ...UNEDITED, start: 2 } }),
    chip('pose-sheet', { id: 'one' }),
    chip('pose-sheet', { id: 'two', edit: { ...UNEDITED, hint: 'the final bow' } }),
  ]
  return draft({ mode, chips })
}

function requestOf(mode: 'move' | 'mix' | 'audio') {
  const request = toRequest(editedDraft(mode))
  if (request === null) throw new Error('the draft is complete')
  return request
}

test('a frame is sent as the part of the picture, exactly of the shape', () => {
  const { crop } = requestOf('move')
  const { x = 0, width = 0, height = 0 } = crop ?? {}
  expect((width * 832) / (height * 1248)).toBeCloseTo(9 / 16)
  expect(x + width / 2).toBeCloseTo(0.5)
  expect(toRequest(draft())?.crop).toBeNull()
})

test.each([
  ['move', 1.5, []],
  ['mix', 1.5, POINTS],
  ['audio', 2, undefined],
] as const)('%s begins where its own file is trimmed', (mode, start, points) => {
  const request = requestOf(mode)
  expect(request.source_start_seconds).toBe(start)
  expect('subject_points' in request ? request.subject_points : undefined).toEqual(points)
})

test('hints are sent one for each pose, and not at all where there is none', () => {
  expect(requestOf('move').pose_hints).toEqual(['', 'the final bow'])
  expect(toRequest(draft({ chips: [...draft().chips, chip('pose-sheet')] }))?.pose_hints).toEqual(
    [],
  )
})

test('a job gives back how its files were used', () => {
  const used = assetsOf(job({ settings_json: requestOf('mix') }))
  expect(used.map(({ role, edit }) => [role, edit.start, edit.points, edit.hint])).toEqual([
    ['ground-truth', 0, [], ''],
    ['motion-video', 1.5, POINTS, ''],
    ['pose-sheet', 0, [], ''],
    ['pose-sheet', 0, [], 'the final bow'],
  ])
  const frame = frameOf(used[0]?.crop ?? { x: 0, y: 0, width: 1, height: 1 }, asset(), '9:16')
  expect(frame?.x).toBeCloseTo(FRAME.x)
  expect(frame?.y).toBeCloseTo(FRAME.y)
  expect(frame?.zoom).toBeCloseTo(FRAME.zoom)
})

test('the same again has the same variation number, the same settings a new one', () => {
  const made = job({ seed: 42 })
  expect(draftOf(made, { again: true }).settings.variation).toBe('42')
  expect(draftOf(made, { again: false }).settings.variation).toBe('')
})

test('the same settings make the same request, but for the variation number', () => {
  const settings = {
    ...EMPTY.settings,
    shape: '1:1',
    quality: 'high',
    avoid: 'blur',
    length: '3',
    parts: '2',
    variation: '7',
  } as const
  const mixed = draft({ mode: 'mix', settings, chips: [...draft().chips, chip('reference')] })
  const request = toRequest(mixed)
  if (request === null) throw new Error('the draft is complete')
  const made = job({ settings_json: request })
  expect(draftOf(made, { again: false })).toMatchObject({
    mode: 'mix',
    prompt: 'a dancer',
    settings: { ...settings, variation: '' },
  })
  expect(assetsOf(made)).toMatchObject([
    { role: 'ground-truth', asset_id: 'asset-ground-truth' },
    { role: 'motion-video', asset_id: 'asset-motion-video' },
    { role: 'reference', asset_id: 'asset-reference' },
  ])
})
