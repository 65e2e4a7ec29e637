import type { RoleId } from './roles.ts'

export type ModeId = 'move' | 'mix' | 'audio'

export type ModeFacts = {
  label: string
  sentence: string
  needs: readonly RoleId[]
  takes: readonly RoleId[]
  keywords: readonly string[]
}

const OPTIONAL = ['reference', 'pose-sheet'] as const

export const MODE_IDS: readonly ModeId[] = ['move', 'mix', 'audio']

export const MODES: Record<ModeId, ModeFacts> = {
  move: {
    label: 'Animate – Move',
    sentence: 'Your character performs the moves from the clip.',
    needs: ['ground-truth', 'motion-video'],
    takes: ['ground-truth', 'motion-video', ...OPTIONAL],
    keywords: [
      'soft daylight',
      'steady camera',
      'lively expression',
      'loose clothing',
      'studio light',
    ],
  },
  mix: {
    label: 'Animate – Mix',
    sentence: 'Your character takes the place of the person in the clip.',
    needs: ['ground-truth', 'motion-video'],
    takes: ['ground-truth', 'motion-video', ...OPTIONAL],
    keywords: ['same outfit', 'natural skin', 'matching shadows', 'steady camera', 'calm face'],
  },
  audio: {
    label: 'Audio Performance',
    sentence: 'Your character speaks or sings the sound you add.',
    needs: ['ground-truth', 'audio'],
    takes: ['ground-truth', 'audio', ...OPTIONAL],
    keywords: [
      'looks at the camera',
      'small hand gestures',
      'warm smile',
      'gentle nods',
      'stage light',
    ],
  },
}

/** Where a file of this role is used, or not: such a file is kept, and shown as not used. */
export function takesRole(mode: ModeId, role: RoleId): boolean {
  return MODES[mode].takes.includes(role)
}

export function needsRole(mode: ModeId, role: RoleId): boolean {
  return MODES[mode].needs.includes(role)
}
