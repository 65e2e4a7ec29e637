import { Play, Square } from 'lucide-react'

import { Button } from '../../components/Button.tsx'
import type { PartPlayer } from './usePartPlayer.ts'

export function PlayButton({ player: { playing, toggle } }: { player: PartPlayer }) {
  const Sign = playing ? Square : Play
  return (
    <Button className="min-w-36" onClick={toggle}>
      <Sign size={16} aria-hidden /> {playing ? 'Stop' : 'Play this part'}
    </Button>
  )
}
