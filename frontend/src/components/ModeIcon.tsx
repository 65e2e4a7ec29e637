import { AudioLines, PersonStanding, Replace } from 'lucide-react'

import type { ModeId } from '../lib/modes.ts'

const ICONS = { move: PersonStanding, mix: Replace, audio: AudioLines }

export function ModeIcon({ mode, size = 18 }: { mode: ModeId; size?: number }) {
  const Icon = ICONS[mode]
  return <Icon size={size} aria-hidden />
}
