import type { Settings } from './draft.ts'
import { ShapeIcon } from './ShapeIcon.tsx'

/** Tells of a shape other than the usual one while the drawer is closed. */
export function ShapeBadge({ shape }: Pick<Settings, 'shape'>) {
  return (
    <span className="inline-flex min-h-6 items-center gap-1.5 rounded-full text-xs sm:border sm:border-line sm:bg-raised sm:px-2">
      <ShapeIcon shape={shape} />
      <span className="max-sm:sr-only">{shape}</span>
    </span>
  )
}
