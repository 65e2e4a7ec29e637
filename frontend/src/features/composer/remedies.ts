import type { Remedy } from '../../api/types.ts'
import type { FileKind, RoleId } from '../../lib/roles.ts'
import { ROLES } from '../../lib/roles.ts'
import { lengthWords } from '../../lib/time.ts'
import type { Settings } from './draft.ts'
import type { Advice } from './preflight.ts'

/** A button's words and what it does. */
export type Act = { label: string; run: () => void }

export type Tools = {
  set: (part: Partial<Settings>) => void
  /** Choose a file for a role, in the place of the one that is there at that index. */
  replace: (role: RoleId, index: number) => void
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
  trim: ({ trim_to_seconds: seconds }, { set }) =>
    seconds
      ? { label: `Use ${lengthWords(seconds)}`, run: () => set({ length: `${seconds}` }) }
      : null,
  use_shape: ({ aspect_ratio: shape }, { set }) =>
    shape ? { label: `Use ${shape}`, run: () => set({ shape }) } : null,
  use_draft: (_, { set }) => ({ label: 'Use Draft', run: () => set({ quality: 'draft' }) }),
}

/** The button that mends what the server found; null where there is none. */
export function actOf(advice: Advice | undefined, tools: Tools): Act | null {
  return (advice?.action && ACTS[advice.action]?.(advice, tools)) ?? null
}

function fileAct(verb: string, { field }: Advice, { replace }: Tools): Act | null {
  const [name = '', index = '0'] = (field ?? '').split('.')
  const role = ROLE_OF[name]
  if (role === undefined) return null
  return { label: `${verb} ${NOUNS[ROLES[role].kind]}`, run: () => replace(role, Number(index)) }
}
