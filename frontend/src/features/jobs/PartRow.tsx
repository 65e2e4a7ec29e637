import { Play } from 'lucide-react'

import type { JobSegment } from '../../api/types.ts'
import { Button } from '../../components/Button.tsx'
import { spanWords } from '../../lib/time.ts'

type PartRowProps = {
  part: JobSegment
  busy: boolean
  onPlay: () => void
  onAgain: () => void
}

export function PartRow({ part, busy, onPlay, onAgain }: PartRowProps) {
  const span = spanWords(part.start_seconds, part.duration_seconds)
  return (
    <li className="flex flex-wrap items-center justify-between" data-testid="part">
      <Button
        look="quiet"
        className="!gap-1.5 !px-1.5 text-xs tabular-nums"
        aria-label={`Play ${span}`}
        onClick={onPlay}
      >
        <Play size={14} aria-hidden /> {span}
      </Button>
      <Button
        look="quiet"
        className="!px-1.5 text-xs"
        data-testid={`again-${part.index}`}
        aria-label={`Make again from here, ${span}`}
        disabled={busy}
        onClick={onAgain}
      >
        Make again from here
      </Button>
    </li>
  )
}
