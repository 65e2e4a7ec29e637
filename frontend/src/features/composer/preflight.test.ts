import { describe, expect, test } from 'vitest'

import { MODE_IDS, type ModeId } from '../../lib/modes.ts'
import { ROLE_IDS, type RoleId } from '../../lib/roles.ts'
import { asset, chip, draft } from '../../test/factory.ts'
import { EMPTY } from './draft.ts'
import { UNEDITED } from './edit.ts'
import { preflight } from './preflight.ts'

type Use = 'needed' | 'optional' | 'unused'

const TABLE: Record<ModeId, Record<RoleId, Use>> = {
  move: {
    'ground-truth': 'needed',
    'motion-video': 'needed',
    audio: 'unused',
    reference: 'optional',
    'pose-sheet': 'optional',
  },
  mix: {
    'ground-truth': 'needed',
    'motion-video': 'needed',
    audio: 'unused',
    reference: 'optional',
    'pose-sheet': 'optional',
  },
  audio: {
    'ground-truth': 'needed',
    'motion-video': 'unused',
    audio: 'needed',
    reference: 'optional',
    'pose-sheet': 'optional',
  },
}

function ids(part: Parameters<typeof draft>[0]) {
  return preflight(draft(part)).map(({ id }) => id)
}

const ALL = ROLE_IDS.map((role) => chip(role))

describe.each(MODE_IDS)('mode %s', (mode) => {
  test.each(ROLE_IDS)('takes %s as the table says', (role) => {
    const use = TABLE[mode][role]
    const without = ids({ mode, chips: ALL.filter((one) => one.role !== role) })
    expect(without.includes('missing')).toBe(use === 'needed')
    expect(ids({ mode, chips: ALL }).includes(`unused-${role}`)).toBe(use === 'unused')
  })

  test('with all its files and a prompt has nothing that blocks', () => {
    expect(preflight(draft({ mode, chips: ALL })).some(({ blocks }) => blocks)).toBe(false)
  })
})

test('what is missing is told in one sentence', () => {
  expect(preflight(EMPTY).map(({ text }) => text)).toEqual([
    'Still needed: your character, a motion video and a prompt.',
  ])
})

test('points on a frame that is cut away are asked for again, in Mix only', () => {
  const edit = { ...UNEDITED, pointsLost: true }
  const chips = [chip('ground-truth'), chip('motion-video', { edit })]
  expect(preflight(draft({ mode: 'mix', chips }))).toMatchObject([
    { tone: 'warn', blocks: false, advice: { action: 'pick_person' } },
  ])
  expect(preflight(draft({ mode: 'move', chips }))).toEqual([])
})

test('a file on its way blocks', () => {
  const chips = [
    chip('ground-truth', { status: { state: 'uploading', sent: 0.5 } }),
    chip('motion-video'),
  ]
  expect(preflight(draft({ chips }))).toMatchObject([
    { id: 'uploading', tone: 'wait', blocks: true },
  ])
})

test('a failed file blocks, but not where it is not used', () => {
  const failed = { state: 'failed', message: 'Too large.', passing: false } as const
  const chips = [chip('ground-truth'), chip('motion-video'), chip('audio', { status: failed })]
  expect(preflight(draft({ mode: 'move', chips })).some(({ blocks }) => blocks)).toBe(false)
  expect(ids({ mode: 'audio', chips })).toContain('failed-audio')
})

test('a fifth reference is one too many', () => {
  const more = [1, 2, 3, 4, 5].map((number) => chip('reference', { id: `${number}` }))
  expect(ids({ chips: [...draft().chips, ...more.slice(1)] })).not.toContain('many-reference')
  expect(ids({ chips: [...draft().chips, ...more] })).toContain('many-reference')
})

test('a warning about a file is told and does not block', () => {
  const warnings = [{ code: 'small', message: 'Your picture is small.' }]
  const picture = chip('ground-truth', { status: { state: 'ready', asset: asset({ warnings }) } })
  const checks = preflight(draft({ chips: [picture, chip('motion-video')] }))
  expect(checks).toMatchObject([{ tone: 'warn', text: 'Your picture is small.', blocks: false }])
})
