import { cx } from '../../lib/cx.ts'
import { indexOfFace, type SubjectPoint } from '../../lib/points.ts'

type FaceButtonProps = {
  /** In fractions of the frame. */
  face: { x: number; y: number; width: number; height: number }
  number: number
  points: SubjectPoint[]
  onTap: () => void
}

const percent = (share: number) => `${share * 100}%`

/** A face, outlined and numbered, to choose its person by. */
export function FaceButton({ face, number, points, onTap }: FaceButtonProps) {
  const pressed = indexOfFace(points, face) !== -1
  return (
    <button
      type="button"
      aria-pressed={pressed}
      aria-label={`Person ${number}`}
      className={cx(
        'absolute min-h-11 min-w-11 -translate-1/2 rounded-lg border-2 text-left ring-1 ring-bg',
        pressed ? 'border-accent' : 'border-ink/80 hover:border-ink',
      )}
      style={{
        left: percent(face.x + face.width / 2),
        top: percent(face.y + face.height / 2),
        width: percent(face.width),
        height: percent(face.height),
      }}
      onClick={onTap}
    >
      <span
        className={cx(
          'absolute top-0 left-0 grid size-5 place-items-center rounded-br-lg rounded-tl-md text-xs font-semibold',
          pressed ? 'bg-accent text-on-accent' : 'bg-bg text-ink',
        )}
      >
        {number}
      </span>
    </button>
  )
}
