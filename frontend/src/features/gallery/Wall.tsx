import { memo, useEffect, useMemo, useRef, useState } from 'react'

import { useRemoveJob } from '../../api/actions.ts'
import type { Job } from '../../api/types.ts'
import type { JobActs } from '../jobs/acts.ts'
import { focusBeside, useWallKeys } from './useWallKeys.ts'
import { WallItem } from './WallItem.tsx'

type WallProps = {
  jobs: Job[]
  onReuse: (job: Job) => void
  onAgain: (job: Job) => void
}

/** The cards. One of them plays at a time, beside the newest one. */
export const Wall = memo(function Wall({ jobs, onReuse, onAgain }: WallProps) {
  const [playing, setPlaying] = useState<string | null>(null)
  const { mutate: remove } = useRemoveJob()
  const list = useRef<HTMLUListElement>(null)
  const latest = useRef({ onReuse, onAgain })
  useEffect(() => {
    latest.current = { onReuse, onAgain }
  }, [onReuse, onAgain])

  // The same ones for good: a card is drawn anew when its job changes, and for nothing else.
  const acts = useMemo<JobActs>(
    () => ({
      onReuse: (job) => latest.current.onReuse(job),
      onAgain: (job) => latest.current.onAgain(job),
      onRemove: (job) => {
        focusBeside(list.current, job.job_id)
        remove(job)
      },
      onPreview: (job_id, plays) =>
        setPlaying((present) => (plays ? job_id : present === job_id ? null : present)),
    }),
    [remove],
  )
  const onKeyDown = useWallKeys(jobs, acts.onRemove)

  return (
    <div className="@container">
      <ul
        ref={list}
        // --column: the width of one, for the cards that are not drawn.
        className="grid gap-4 [--column:100cqw] sm:grid-cols-2 sm:[--column:calc((100cqw-1rem)/2)] md:grid-cols-3 md:[--column:calc((100cqw-2rem)/3)] lg:grid-cols-4 lg:[--column:calc((100cqw-3rem)/4)]"
        data-testid="job-list"
        onKeyDown={onKeyDown}
      >
        {jobs.map((job, index) => (
          <WallItem
            key={job.job_id}
            job={job}
            large={index === 0}
            plays={playing === job.job_id}
            acts={acts}
          />
        ))}
      </ul>
    </div>
  )
})
