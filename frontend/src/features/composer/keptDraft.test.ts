import { afterEach, expect, test } from 'vitest'

import { chip, draft } from '../../test/factory.ts'
import { EMPTY } from './draft.ts'
import { UNEDITED } from './edit.ts'
import { keepDraft, keepLooks, recallDraft } from './keptDraft.ts'

afterEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

test('a draft comes back after a reload, with how its files are used', () => {
  const edit = { ...UNEDITED, start: 1.5 }
  const settings = { ...EMPTY.settings, shape: '1:1', avoid: 'blur' } as const
  const chips = [chip('ground-truth'), chip('motion-video', { edit })]
  keepDraft(draft({ mode: 'mix', settings, chips }))
  const back = recallDraft()
  expect(back).toMatchObject({ mode: 'mix', prompt: 'a dancer', settings })
  expect(back.chips).toMatchObject([
    { role: 'ground-truth', status: { known: 'asset-ground-truth' } },
    { role: 'motion-video', status: { known: 'asset-motion-video' }, edit },
  ])
})

test('a file that was not sent in full is not pretended to be there', () => {
  const status = { state: 'uploading', sent: 0.9 } as const
  keepDraft(draft({ chips: [chip('ground-truth', { status }), chip('motion-video')] }))
  expect(recallDraft().chips.map(({ role }) => role)).toEqual(['motion-video'])
})

test('files that are still asked for survive a second reload', () => {
  keepDraft(draft())
  keepDraft(recallDraft())
  expect(recallDraft().chips).toHaveLength(3)
})

test('another tab begins empty, but looks as this browser likes it', () => {
  keepLooks({ shape: '16:9', quality: 'high' })
  expect(recallDraft()).toMatchObject({
    prompt: '',
    chips: [],
    settings: { ...EMPTY.settings, shape: '16:9', quality: 'high' },
  })
})
