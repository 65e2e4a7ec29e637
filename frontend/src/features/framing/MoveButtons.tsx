import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, ScanFace } from 'lucide-react'

import { Button } from '../../components/Button.tsx'
import { DIRECTIONS, moveBy } from './moves.ts'
import type { ChangeFrame } from './useFrame.ts'

const ARROWS = { ArrowLeft, ArrowUp, ArrowDown, ArrowRight }

/** What dragging does, for those who tap; each press goes as far as Shift and an arrow key. */
export function MoveButtons({
  onChange,
  onCentre,
}: {
  onChange: ChangeFrame
  onCentre: () => void
}) {
  return (
    <div className="flex flex-wrap items-center gap-1">
      {Object.entries(ARROWS).map(([key, Icon]) => {
        const direction = DIRECTIONS[key]
        if (!direction) return null
        return (
          <Button
            key={key}
            className="min-w-11"
            aria-label={`Move picture ${direction.name}`}
            onClick={() => onChange(moveBy(direction, { far: true }))}
          >
            <Icon size={18} aria-hidden />
          </Button>
        )
      })}
      <Button className="ml-auto" onClick={onCentre}>
        <ScanFace size={18} aria-hidden />
        Centre
      </Button>
    </div>
  )
}
