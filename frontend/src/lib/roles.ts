import { EXTENSIONS } from './formats.gen.ts'

export type RoleId = 'ground-truth' | 'motion-video' | 'audio' | 'reference' | 'pose-sheet'

export type FileKind = 'image' | 'video' | 'audio'

export type RoleFacts = {
  label: string
  /** What a person is asked to add. */
  ask: string
  kind: FileKind
  /** The most files of this role one job takes. */
  most: number
}

/** In the order the chips stand in. */
export const ROLE_IDS: readonly RoleId[] = [
  'ground-truth',
  'motion-video',
  'audio',
  'reference',
  'pose-sheet',
]

export const ROLES: Record<RoleId, RoleFacts> = {
  'ground-truth': { label: 'Ground Truth', ask: 'Add your character', kind: 'image', most: 1 },
  'motion-video': { label: 'Motion Video', ask: 'Add a motion video', kind: 'video', most: 1 },
  audio: { label: 'Audio', ask: 'Add a voice or song', kind: 'audio', most: 1 },
  reference: { label: 'Reference', ask: 'Add a reference', kind: 'image', most: 4 },
  'pose-sheet': { label: 'Pose Sheet', ask: 'Add a pose sheet', kind: 'image', most: 8 },
}

const KINDS = ['image', 'video', 'audio'] as const

/** What the file pickers offer: the kind, for which phones offer to record, and what few know. */
export const ACCEPT: Record<FileKind, string> = {
  image: offered('image'),
  video: offered('video'),
  audio: offered('audio'),
}

export const ACCEPT_ALL = Object.values(ACCEPT).join(',')

/** What no browser draws: such a file is shown once the server has made a still of it. */
const UNSEEN = /\.(hei[cf]|tiff?)$/i

/** What a file is by its name, or by its type where the name says nothing; null: none of ours. */
export function kindOf(file: { name: string; type: string }): FileKind | null {
  const dot = file.name.lastIndexOf('.')
  if (dot < 0) return KINDS.find((kind) => file.type.startsWith(`${kind}/`)) ?? null
  const extension = file.name.slice(dot + 1).toLowerCase()
  return KINDS.find((kind) => EXTENSIONS[kind].includes(extension)) ?? null
}

/** The role a new file gets: the first picture is the character, the next ones are references. */
export function guessRole(kind: FileKind, taken: readonly RoleId[]): RoleId {
  if (kind === 'video') return 'motion-video'
  if (kind === 'audio') return 'audio'
  return taken.includes('ground-truth') ? 'reference' : 'ground-truth'
}

/** The roles a file of this kind can be given. */
export function rolesOf(kind: FileKind): RoleId[] {
  return ROLE_IDS.filter((role) => ROLES[role].kind === kind)
}

export function canBeShown({ name }: { name: string }): boolean {
  return !UNSEEN.test(name)
}

function offered(kind: FileKind): string {
  return [`${kind}/*`, ...EXTENSIONS[kind].map((name) => `.${name}`)].join(',')
}
