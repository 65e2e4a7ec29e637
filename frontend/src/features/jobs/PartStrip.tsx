import type { Job } from '../../api/types.ts'
import { cx } from '../../lib/cx.ts'
import { lengthWords } from '../../lib/time.ts'

/** How much of a video that is made in parts is there: a tick for each part. */
export function PartStrip({ job }: { job: Job }) {
  const { growing, segment_count: count, segments_done: done } = job
  return (
    <div className="relative shrink-0 space-y-1.5 bg-stage/80 px-3 pt-2 pb-2.5">
      <div aria-hidden className="flex gap-px" data-testid="part-ticks">
        {Array.from({ length: count }, (_, index) => (
          <span
            // eslint-disable-next-line react/no-array-index-key -- a part is its index
            key={index}
            data-done={index < done}
            className={cx('h-1 flex-1 rounded-full', index < done ? 'bg-accent' : 'bg-line')}
          />
        ))}
      </div>
      <p className="flex flex-wrap justify-between gap-x-3 text-xs text-muted tabular-nums">
        <span data-testid="parts-done">
          {done} of {count} parts done
        </span>
        {growing && (
          <span data-testid="watch">Watch the first {lengthWords(growing.duration_seconds)}</span>
        )}
      </p>
    </div>
  )
}
