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

/** What the file pickers offer. Phones turn HEIC pictures into JPEG when it is not among these. */
export const ACCEPT: Record<FileKind, string> = {
  image: 'image/png,image/jpeg,image/webp,image/avif',
  video: 'video/mp4,video/quicktime,video/webm,.mp4,.m4v,.mov,.webm,.mkv,.avi',
  audio: 'audio/*,.wav,.mp3,.m4a,.aac,.flac,.ogg,.oga,.opus,.mka',
}

export const ACCEPT_ALL = Object.values(ACCEPT).join(',')

const EXTENSIONS: Record<FileKind, readonly string[]> = {
  image: ['png', 'jpg', 'jpeg', 'webp', 'avif'],
  video: ['mp4', 'm4v', 'mov', 'webm', 'mkv', 'avi'],
  audio: ['wav', 'mp3', 'm4a', 'aac', 'flac', 'ogg', 'oga', 'opus', 'mka'],
}

const KINDS = ['image', 'video', 'audio'] as const

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
