import type { Asset, JobRequest } from '../../api/types.ts'
import { takesRole, type ModeId } from '../../lib/modes.ts'
import { ROLE_IDS, ROLES, type FileKind, type RoleId } from '../../lib/roles.ts'
import { edited, type Edit } from './edit.ts'

export type ChipStatus =
  /** known: the server has the file already, under this id. */
  | { state: 'uploading'; sent: number; known?: string }
  | { state: 'ready'; asset: Asset }
  /** passing: the same file may work when it is sent again, not before `at` (ms since 1970). */
  | { state: 'failed'; message: string; passing: boolean; at?: number }

/** A file in the composer. preview: an address of the picture or clip itself, from this browser. */
export type Chip = {
  id: string
  role: RoleId
  kind: FileKind
  name: string
  preview: string | null
  status: ChipStatus
  edit: Edit
}

export type Settings = {
  shape: NonNullable<JobRequest['aspect_ratio']>
  quality: NonNullable<JobRequest['quality_profile']>
  framing: 'portrait' | 'half_body' | 'full_body'
  adherence: 'natural' | 'balanced' | 'strong'
  keepBackground: boolean
  matchLight: boolean
  avoid: string
  /** As typed; empty: as long as the clip or the sound. */
  length: string
  /** As typed: how many more parts than one there may be; empty: as many as it takes. */
  parts: string
  /** As typed; empty: a new one each time. */
  variation: string
}

export type Draft = {
  mode: ModeId
  prompt: string
  settings: Settings
  chips: Chip[]
  /** Names of files that are of no use here. */
  refused: string[]
}

export const EMPTY: Draft = {
  mode: 'move',
  prompt: '',
  settings: {
    shape: '9:16',
    quality: 'standard',
    framing: 'half_body',
    adherence: 'balanced',
    keepBackground: true,
    matchLight: true,
    avoid: '',
    length: '',
    parts: '',
    variation: '',
  },
  chips: [],
  refused: [],
}

export type DraftAction =
  | { do: 'set'; part: Partial<Pick<Draft, 'mode' | 'prompt' | 'refused'>> }
  | { do: 'settings'; part: Partial<Settings> }
  | { do: 'add'; chip: Chip }
  | { do: 'remove'; id: string }
  | { do: 'status'; id: string; status: ChipStatus }
  | { do: 'edit'; id: string; part: Partial<Edit> }
  | { do: 'role'; id: string; role: RoleId }
  | { do: 'fill'; draft: Draft }

export function draftReducer(draft: Draft, action: DraftAction): Draft {
  switch (action.do) {
    case 'set':
      return { ...draft, ...action.part }
    case 'settings':
      return { ...draft, settings: { ...draft.settings, ...action.part } }
    case 'add':
      return withChips(draft, [...makeRoom(draft.chips, action.chip), action.chip])
    case 'remove':
      return withChips(
        draft,
        draft.chips.filter((chip) => chip.id !== action.id),
      )
    case 'status':
      return { ...draft, chips: changed(draft.chips, action.id, () => told(action.status)) }
    case 'edit':
      return {
        ...draft,
        chips: changed(draft.chips, action.id, ({ edit }) => ({ edit: edited(edit, action.part) })),
      }
    case 'role':
      return { ...draft, chips: giveRole(draft.chips, action.id, action.role) }
    case 'fill':
      return action.draft
  }
}

/** The server's name for a file is the one that is fit to show. */
function told(status: ChipStatus): Partial<Chip> {
  return status.state === 'ready' ? { status, name: status.asset.original_filename } : { status }
}

function changed(chips: Chip[], id: string, change: (chip: Chip) => Partial<Chip>): Chip[] {
  return chips.map((chip) => (chip.id === id ? { ...chip, ...change(chip) } : chip))
}

/** The length was that of the clip or sound; another one has its own. */
function withChips(draft: Draft, chips: Chip[]): Draft {
  const source = sourceOf(draft)
  const gone = source !== undefined && !chips.some((chip) => chip.id === source.id)
  const settings = gone ? { ...draft.settings, length: '' } : draft.settings
  return { ...draft, settings, chips: inOrder(chips) }
}

/** The file that decides how long the video is. */
export function sourceOf({ mode, chips }: Draft): Chip | undefined {
  return chips.find((chip) => chip.kind !== 'image' && takesRole(mode, chip.role))
}

/** A second clip or sound takes the place of the first; a second character makes it a reference. */
function makeRoom(chips: Chip[], added: Chip): Chip[] {
  if (added.role === 'ground-truth') {
    return chips.map((chip) =>
      chip.role === 'ground-truth' ? { ...chip, role: 'reference' } : chip,
    )
  }
  return ROLES[added.role].most === 1 ? chips.filter((chip) => chip.role !== added.role) : chips
}

/** The picture that was the character takes over the role of the one that now is. */
function giveRole(chips: Chip[], id: string, role: RoleId): Chip[] {
  const before = chips.find((chip) => chip.id === id)?.role
  if (before === undefined) return chips
  const swapped =
    role === 'ground-truth'
      ? chips.map((chip) => (chip.role === 'ground-truth' ? { ...chip, role: before } : chip))
      : chips
  return inOrder(changed(swapped, id, () => ({ role })))
}

function inOrder(chips: Chip[]): Chip[] {
  return chips.toSorted((a, b) => ROLE_IDS.indexOf(a.role) - ROLE_IDS.indexOf(b.role))
}
