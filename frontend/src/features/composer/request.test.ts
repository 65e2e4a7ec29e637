import { expect, test } from 'vitest'

import { chip, draft, job } from '../../test/factory.ts'
import { EMPTY } from './draft.ts'
import { assetsOf, draftOf, toRequest } from './request.ts'

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

test('the same settings make the same request, but for the variation number', () => {
  const settings = {
    ...EMPTY.settings,
    shape: '1:1',
    quality: 'high',
    avoid: 'blur',
    length: '3',
    variation: '7',
  } as const
  const mixed = draft({ mode: 'mix', settings, chips: [...draft().chips, chip('reference')] })
  const request = toRequest(mixed)
  if (request === null) throw new Error('the draft is complete')
  const made = job({ settings_json: request })
  expect(draftOf(made)).toMatchObject({
    mode: 'mix',
    prompt: 'a dancer',
    settings: { ...settings, variation: '' },
  })
  expect(assetsOf(made)).toEqual([
    { role: 'ground-truth', asset_id: 'asset-ground-truth' },
    { role: 'motion-video', asset_id: 'asset-motion-video' },
    { role: 'reference', asset_id: 'asset-reference' },
  ])
})
