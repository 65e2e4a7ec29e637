import { NoteLine } from '../../components/NoteLine.tsx'
import type { Crop, Size } from '../../lib/frame.ts'

/** On the short side. Larger videos have more. */
const ENOUGH = 480

type KeptNoteProps = {
  kept: Crop
  size: Size
  /** What came of the last press, if that has to be said. */
  said: string
}

/** How much of the picture the video is made from. As high with a warning, for the picture not to jump. */
export function KeptNote({ kept, size, said }: KeptNoteProps) {
  const width = Math.round(kept.width * size.width)
  const height = Math.round(kept.height * size.height)
  const largest = Math.max(kept.width, kept.height) === 1
  const few = Math.min(width, height) < ENOUGH
  return (
    <div className="mt-2 min-h-[2lh] text-[13px]">
      <p className="text-muted tabular-nums" data-testid="pixels-left">
        Uses {width} × {height} of your picture
      </p>
      {few && said === '' && (
        <NoteLine tone="warn">
          {largest
            ? 'This picture is small. The video may look soft.'
            : 'Few pixels left. The video may look soft.'}
        </NoteLine>
      )}
      <output className="block text-muted">{said}</output>
    </div>
  )
}
