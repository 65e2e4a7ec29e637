import { keep, recall } from '../../lib/stored.ts'
import { newKey } from '../../lib/newKey.ts'
import { ROLES, type RoleId } from '../../lib/roles.ts'
import { EMPTY, type Chip, type Draft, type Settings } from './draft.ts'
import type { Edit } from './edit.ts'

type KeptFile = { role: RoleId; asset_id: string; name: string; edit: Edit }
type Kept = Pick<Draft, 'mode' | 'prompt' | 'settings'> & { files: KeptFile[] }
type Looks = Pick<Settings, 'shape' | 'quality'>

const DRAFT = 'draft'
const LOOKS = 'looks'

/** Keep a draft for this tab. Of its files, those the server has. */
export function keepDraft({ mode, prompt, settings, chips }: Draft): void {
  const files = chips.flatMap((chip) => {
    const asset_id = assetIdOf(chip)
    const { role, name, edit } = chip
    return asset_id === undefined ? [] : [{ role, asset_id, name, edit }]
  })
  keep('sessionStorage', DRAFT, { mode, prompt, settings, files } satisfies Kept)
}

/** The draft this tab had, its files still to be asked for; else an empty one that looks as usual. */
export function recallDraft(): Draft {
  const kept = recall<Kept>('sessionStorage', DRAFT)
  const settings = { ...EMPTY.settings, ...recall<Looks>('localStorage', LOOKS), ...kept?.settings }
  if (kept === null) return { ...EMPTY, settings }
  const { mode, prompt, files } = kept
  return { ...EMPTY, mode, prompt, settings, chips: files.map(knownChip) }
}

/** Shape and quality are this browser's from now on. */
export function keepLooks({ shape, quality }: Looks): void {
  keep('localStorage', LOOKS, { shape, quality })
}

/** A chip for a file the server has. */
export function knownChip({ role, asset_id, name, edit }: KeptFile): Chip {
  const { kind } = ROLES[role]
  const status = { state: 'uploading', sent: 1, known: asset_id } as const
  return { id: newKey(), role, kind, name, preview: null, status, edit }
}

function assetIdOf({ status }: Chip): string | undefined {
  if (status.state === 'ready') return status.asset.asset_id
  return status.state === 'uploading' ? status.known : undefined
}
