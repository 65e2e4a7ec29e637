import type { PromiseWarning } from '../../api/types.ts'
import type { Tone } from '../../components/NoteLine.tsx'
import { MODES, takesRole, type ModeId } from '../../lib/modes.ts'
import { ROLE_IDS, ROLES, type RoleId } from '../../lib/roles.ts'
import type { Chip, Draft, Settings } from './draft.ts'
import { lengthFault, partsFault, variationFault } from './settingsFaults.ts'

/** advice: what the server says mends it. */
export type Check = {
  id: string
  tone: Tone
  text: string
  blocks: boolean
  advice?: Advice
}

export type Advice = Pick<
  PromiseWarning,
  'action' | 'field' | 'trim_to_seconds' | 'aspect_ratio'
> & { code?: string }

const MISSING: Record<RoleId, string> = {
  'ground-truth': 'your character',
  'motion-video': 'a motion video',
  audio: 'a voice or song',
  reference: 'a reference',
  'pose-sheet': 'a pose sheet',
}

/** What stands between a draft and a video, and what is worth knowing. Empty: all is well. */
export function preflight(draft: Draft): Check[] {
  const used = draft.chips.filter((chip) => takesRole(draft.mode, chip.role))
  const unused = draft.chips.filter((chip) => !takesRole(draft.mode, chip.role))
  return [
    ...draft.refused.map(refusedCheck),
    ...settingsChecks(draft.settings),
    ...used.flatMap(failedCheck),
    ...tooManyChecks(used),
    ...missingCheck(draft, used),
    ...uploadingCheck(used),
    ...unused.map((chip) => unusedCheck(chip, draft.mode)),
    ...used.flatMap(assetChecks),
    ...(draft.mode === 'mix' ? used.flatMap(pointsCheck) : []),
  ]
}

function settingsChecks(settings: Settings): Check[] {
  const faults = {
    length: lengthFault(settings),
    parts: partsFault(settings),
    variation: variationFault(settings),
  }
  return Object.entries(faults).flatMap(([id, text]) =>
    text === null ? [] : [{ id, tone: 'bad', text, blocks: true }],
  )
}

function failedCheck(chip: Chip): Check[] {
  if (chip.status.state !== 'failed') return []
  const text = `${quoted(chip)}: ${chip.status.message}`
  return [{ id: `failed-${chip.id}`, tone: 'bad', text, blocks: true }]
}

function tooManyChecks(used: Chip[]): Check[] {
  return ROLE_IDS.flatMap((role) => {
    const { most, label } = ROLES[role]
    const count = used.filter((chip) => chip.role === role).length
    if (count <= most) return []
    const text = `Use up to ${most} of the kind ${label}. Remove ${count - most}.`
    return [{ id: `many-${role}`, tone: 'bad', text, blocks: true }]
  })
}

function missingCheck(draft: Draft, used: Chip[]): Check[] {
  const roles = MODES[draft.mode].needs.filter((role) => !used.some((chip) => chip.role === role))
  const missing = roles.map((role) => MISSING[role])
  if (draft.prompt.trim() === '') missing.push('a prompt')
  if (missing.length === 0) return []
  const text = `Still needed: ${listed(missing)}.`
  return [{ id: 'missing', tone: 'hint', text, blocks: true }]
}

function uploadingCheck(used: Chip[]): Check[] {
  const count = used.filter((chip) => chip.status.state === 'uploading').length
  if (count === 0) return []
  const text = count === 1 ? 'Your file is on its way.' : `${count} files are on their way.`
  return [{ id: 'uploading', tone: 'wait', text, blocks: true }]
}

function refusedCheck(name: string): Check {
  const text = `${quoted({ name })} is not a picture, clip or sound we know.`
  return { id: `refused-${name}`, tone: 'warn', text, blocks: false }
}

function unusedCheck(chip: Chip, mode: ModeId): Check {
  const text = `${quoted(chip)} is not used in ${MODES[mode].label}.`
  return { id: `unused-${chip.id}`, tone: 'warn', text, blocks: false }
}

function assetChecks(chip: Chip): Check[] {
  if (chip.status.state !== 'ready') return []
  return chip.status.asset.warnings.map((notice) => ({
    id: `${notice.code}-${chip.id}`,
    tone: 'warn',
    text: notice.message,
    blocks: false,
  }))
}

function pointsCheck({ id, edit }: Chip): Check[] {
  if (!edit.pointsLost) return []
  const advice: Advice = { action: 'pick_person', field: 'motion_video_asset_id' }
  const text = 'Your clip starts elsewhere now. Pick the person again.'
  return [{ id: `points-${id}`, tone: 'warn', text, blocks: false, advice }]
}

function quoted({ name }: Pick<Chip, 'name'>): string {
  return name.length > 32 ? `“${name.slice(0, 20)}…${name.slice(-8)}”` : `“${name}”`
}

export function listed(words: string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
