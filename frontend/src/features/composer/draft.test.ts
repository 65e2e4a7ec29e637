import { expect, test } from 'vitest'

import { asset, chip, draft } from '../../test/factory.ts'
import { draftReducer, EMPTY } from './draft.ts'

const roles = (after: ReturnType<typeof draftReducer>) =>
  after.chips.map(({ id, role }) => [id, role])

test('the character always stands first', () => {
  const chips = [chip('motion-video'), chip('reference')]
  const after = draftReducer(draft({ chips }), { do: 'add', chip: chip('ground-truth') })
  expect(after.chips.map(({ role }) => role)).toEqual(['ground-truth', 'motion-video', 'reference'])
})

test('a second clip takes the place of the first', () => {
  const before = draft({ chips: [chip('motion-video', { id: 'old' })] })
  const after = draftReducer(before, { do: 'add', chip: chip('motion-video', { id: 'new' }) })
  expect(roles(after)).toEqual([['new', 'motion-video']])
})

test('a new character makes the one before it a reference', () => {
  const before = draft({ chips: [chip('ground-truth', { id: 'old' })] })
  const after = draftReducer(before, { do: 'add', chip: chip('ground-truth', { id: 'new' }) })
  expect(roles(after)).toEqual([
    ['new', 'ground-truth'],
    ['old', 'reference'],
  ])
})

test('making a pose sheet the character swaps the two', () => {
  const before = draft({
    chips: [chip('ground-truth', { id: 'a' }), chip('pose-sheet', { id: 'b' })],
  })
  const after = draftReducer(before, { do: 'role', id: 'b', role: 'ground-truth' })
  expect(roles(after)).toEqual([
    ['b', 'ground-truth'],
    ['a', 'pose-sheet'],
  ])
})

test('switching the mode keeps every file', () => {
  const before = draft()
  expect(draftReducer(before, { do: 'set', part: { mode: 'audio' } }).chips).toEqual(before.chips)
})

test('news of a chip that was removed changes nothing', () => {
  const status = { state: 'ready', asset: asset() } as const
  expect(draftReducer(EMPTY, { do: 'status', id: 'gone', status })).toEqual(EMPTY)
})
