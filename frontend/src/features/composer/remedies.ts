import type { Remedy } from '../../api/types.ts'
import type { FileKind, RoleId } from '../../lib/roles.ts'
import { ROLES } from '../../lib/roles.ts'
import { lengthWords } from '../../lib/time.ts'
import type { Chip, Settings } from './draft.ts'
import type { Editing } from './edit.ts'
import type { Advice } from './preflight.ts'

/** A button's words and what it does. */
export type Act = { label: string; run: () => void }

export type Tools = {
  set: (part: Partial<Settings>) => void
  /** Choose a file for a role, in the place of the one that is there at that index. */
  replace: (role: RoleId, index: number) => void
  /** The file of a role at that index, once the server has it. */
  ready: (role: RoleId, index: number) => Chip | undefined
  edit: (editing: Editing) => void
}

const ROLE_OF: Record<string, RoleId> = {
  ground_truth_asset_id: 'ground-truth',
  motion_video_asset_id: 'motion-video',
  audio_asset_id: 'audio',
  reference_asset_ids: 'reference',
  pose_sheet_asset_ids: 'pose-sheet',
}

const NOUNS: Record<FileKind, string> = { image: 'picture', video: 'clip', audio: 'sound' }

/** What the page can do of what the server advises. What is missing here is only told. */
const ACTS: Partial<Record<Remedy, (advice: Advice, tools: Tools) => Act | null>> = {
  add: (advice, tools) => fileAct('Choose', advice, tools),
  replace: (advice, tools) => fileAct('Replace', advice, tools),
  trim: (advice, tools) => trimAct(advice, tools),
  frame: (advice, tools) => editAct('frame', 'Frame', advice, tools),
  pick_person: (advice, tools) => editAct('person', 'Pick person', advice, tools),
  use_shape: ({ aspect_ratio: shape }, { set }) =>
    shape ? { label: `Use ${shape}`, run: () => set({ shape }) } : null,
  use_draft: (_, { set }) => ({ label: 'Use Draft', run: () => set({ quality: 'draft' }) }),
}

/** The button that mends what the server found; null where there is none. */
export function actOf(advice: Advice | undefined, tools: Tools): Act | null {
  return (advice?.action && ACTS[advice.action]?.(advice, tools)) ?? null
}

function fileAct(verb: string, { field }: Advice, { replace }: Tools): Act | null {
  const place = placeOf(field)
  if (place === null) return null
  const label = `${verb} ${NOUNS[ROLES[place.role].kind]}`
  return { label, run: () => replace(place.role, place.index) }
}

function editAct(
  tool: 'frame' | 'person',
  label: string,
  { field }: Advice,
  { ready, edit }: Tools,
): Act | null {
  const place = placeOf(field)
  const chip = place && ready(place.role, place.index)
  return chip ? { label, run: () => edit({ tool, id: chip.id }) } : null
}

/** Where a file is to be trimmed, its dialog; where only the video is to be shorter, its length. */
function trimAct(
  { field, code, trim_to_seconds: seconds }: Advice,
  { ready, edit, set }: Tools,
): Act | null {
  if (!seconds) return null
  const place = placeOf(field)
  const chip = place && ready(place.role, place.index)
  if (!chip)
    return { label: `Use ${lengthWords(seconds)}`, run: () => set({ length: `${seconds}` }) }
  const longest = code === 'too_long' ? { longest: seconds } : {}
  return {
    label: `Trim ${NOUNS[chip.kind]}`,
    run: () => edit({ tool: 'trim', id: chip.id, length: seconds, ...longest }),
  }
}

/** The file a field of the request is about: reference_asset_ids.2 is the third reference. */
function placeOf(field: string | null | undefined): { role: RoleId; index: number } | null {
  const [name = '', index = '0'] = (field ?? '').split('.')
  const role = ROLE_OF[name]
  return role ? { role, index: Number(index) } : null
}
