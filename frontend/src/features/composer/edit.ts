import type { Frame } from '../../lib/frame.ts'
import type { SubjectPoint } from '../../lib/points.ts'

/** How a file is used; the file itself stays as it is. */
export type Edit = {
  /** Which part of the character's picture is shown; null: the middle. */
  frame: Frame | null
  /** In seconds, where in the clip or sound the video begins. */
  start: number
  /** On the frame the video begins with: the person whose place is taken. None: the middle one. */
  points: SubjectPoint[]
  /** There were points, and the video begins with another frame now. */
  pointsLost: boolean
  /** What a pose is for. */
  hint: string
}

export const UNEDITED: Edit = { frame: null, start: 0, points: [], pointsLost: false, hint: '' }

export function edited(edit: Edit, part: Partial<Edit>): Edit {
  if (part.points) return { ...edit, ...part, pointsLost: false }
  if (part.start === undefined || part.start === edit.start) return { ...edit, ...part }
  const pointsLost = edit.pointsLost || edit.points.length > 0
  return { ...edit, ...part, points: [], pointsLost }
}

/** The dialogs a file can be edited in. */
export type Editing =
  | { tool: 'frame' | 'person'; id: string }
  | { tool: 'poses' }
  /** length: to begin with, in seconds. longest: what the server said a video may have. */
  | { tool: 'trim'; id: string; length?: number; longest?: number }
