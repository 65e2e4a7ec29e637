import { AudioLines, Clapperboard, Images, LayoutGrid, UserRound } from 'lucide-react'

import type { RoleId } from '../lib/roles.ts'

const ICONS = {
  'ground-truth': UserRound,
  'motion-video': Clapperboard,
  audio: AudioLines,
  reference: Images,
  'pose-sheet': LayoutGrid,
}

export function RoleIcon({ role, size = 18 }: { role: RoleId; size?: number }) {
  const Icon = ICONS[role]
  return <Icon size={size} aria-hidden />
}
