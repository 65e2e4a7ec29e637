import { expect, test } from 'vitest'

import { asset, chip, draft } from '../../test/factory.ts'
import { draftReducer, EMPTY } from './draft.ts'
import { UNEDITED, type Edit } from './edit.ts'

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

function withEdit(part: Partial<Edit>) {
  const edit: Edit = { ...UNEDITED, start: 1, points: [{ x: 0.5, y: 0.5 }] }
  const before = draft({ chips: [chip('motion-video', { id: 'clip', edit })] })
  return draftReducer(before, { do: 'edit', id: 'clip', part }).chips[0]?.edit
}

test('a clip that starts elsewhere forgets its person, and knows that it did', () => {
  expect(withEdit({ start: 2 })).toMatchObject({ points: [], pointsLost: true })
  expect(withEdit({ start: 1 })).toMatchObject({ points: [{ x: 0.5 }], pointsLost: false })
})

test('a person who is picked again is known', () => {
  const edit: Edit = { ...UNEDITED, pointsLost: true }
  const before = draft({ chips: [chip('motion-video', { id: 'clip', edit })] })
  const points = [{ x: 0.1, y: 0.2 }]
  const after = draftReducer(before, { do: 'edit', id: 'clip', part: { points } })
  expect(after.chips[0]?.edit).toMatchObject({ points, pointsLost: false })
})

test.each([
  ['motion-video', ''],
  ['reference', '4'],
] as const)('a new %s leaves the length %j', (role, length) => {
  const settings = { ...EMPTY.settings, length: '4' }
  const before = draft({ mode: 'move', settings, chips: [chip('motion-video', { id: 'old' })] })
  const after = draftReducer(before, { do: 'add', chip: chip(role, { id: 'new' }) })
  expect(after.settings.length).toBe(length)
})
