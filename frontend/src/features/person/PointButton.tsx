import { Minus, Plus } from 'lucide-react'

import { cx } from '../../lib/cx.ts'
import { isOn, type SubjectPoint } from '../../lib/points.ts'

type PointButtonProps = { point: SubjectPoint; number: number; onRemove: () => void }

/** A point that was placed; a tap takes it away. */
export function PointButton({ point, number, onRemove }: PointButtonProps) {
  const on = isOn(point)
  const Sign = on ? Plus : Minus
  return (
    <button
      type="button"
      aria-label={`Remove point ${number}, ${on ? 'on the person' : 'not this'}`}
      className={cx(
        'absolute grid size-7 -translate-1/2 place-items-center rounded-full ring-2 ring-bg',
        on ? 'bg-accent text-on-accent' : 'bg-bad text-on-accent',
      )}
      style={{ left: `${point.x * 100}%`, top: `${point.y * 100}%` }}
      onClick={onRemove}
    >
      <Sign size={16} strokeWidth={3} aria-hidden />
    </button>
  )
}
