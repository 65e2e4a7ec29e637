import { memo, type CSSProperties } from 'react'

import type { Job } from '../../api/types.ts'
import { cx } from '../../lib/cx.ts'
import type { JobActs } from '../jobs/acts.ts'
import { JobCard } from '../jobs/JobCard.tsx'
import { shapeOf } from '../jobs/jobWords.ts'

type WallItemProps = { job: Job; large: boolean; plays: boolean; acts: JobActs }

/** Wider than high by this much, a video takes the room of two. */
const WIDE = 1.2

/** A card in its place. Far from the window it is not drawn, and as high as it is likely to be. */
export const WallItem = memo(function WallItem({ job, large, plays, acts }: WallItemProps) {
  const shape = shapeOf(job)
  return (
    <li
      style={{ '--shape': shape } as CSSProperties}
      className={cx(
        '@container min-w-0 [--width:var(--column)]',
        large
          ? 'col-span-full'
          : '[contain-intrinsic-height:auto_calc(min(24rem,var(--width)/var(--shape))+11.375rem)] [content-visibility:auto]',
        !large && shape > WIDE && 'sm:col-span-2 sm:[--width:calc(2*var(--column)+1rem)]',
      )}
    >
      <JobCard job={job} large={large} plays={plays} acts={acts} />
    </li>
  )
})
