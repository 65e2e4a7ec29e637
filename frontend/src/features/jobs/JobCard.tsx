import { useRef } from 'react'

import { isEnded } from '../../api/jobCache.ts'
import type { Job } from '../../api/types.ts'
import { cx } from '../../lib/cx.ts'
import { JobEnd } from './JobEnd.tsx'
import { JobRun } from './JobRun.tsx'
import { JobVideo } from './JobVideo.tsx'
import { shapeOf } from './jobWords.ts'
import { PartsMenu } from './PartsMenu.tsx'
import { PartStrip } from './PartStrip.tsx'
import type { PlayerHandle } from './Player.tsx'
import { Stage } from './Stage.tsx'
import { TakeNote } from './TakeNote.tsx'

type JobCardProps = { job: Job; onReuse: (job: Job) => void }

export function JobCard({ job, onReuse }: JobCardProps) {
  const player = useRef<PlayerHandle>(null)
  // The event that a video is completed comes a moment before its address.
  const ended = isEnded(job) && !(job.status === 'completed' && job.output === null)
  const url = job.output?.video_url ?? job.growing?.video_url
  const empty = ended && url === undefined

  return (
    <article
      data-testid="run-card"
      data-job-id={job.job_id}
      data-status={job.status}
      data-progress={job.progress}
      className="flex h-full flex-col overflow-hidden rounded-card border border-line bg-surface @2xl:flex-row"
    >
      <Stage
        posterUrl={job.output?.poster_url ?? job.poster_url}
        shape={shapeOf(job)}
        dim={empty ? 'ended' : 'running'}
        foot={job.segment_count > 1 && <PartStrip job={job} />}
      >
        {url !== undefined && <JobVideo job={job} url={url} ref={player} />}
      </Stage>
      <div
        className={cx(
          'flex min-w-0 flex-col gap-4 p-4 @2xl:max-w-80 @2xl:flex-1 @2xl:p-5',
          !empty && 'flex-1',
        )}
      >
        <TakeNote job={job} />
        {ended ? <JobEnd job={job} onReuse={onReuse} /> : <JobRun job={job} />}
        {job.actions.includes('again') && url !== undefined && (
          <PartsMenu job={job} onPlay={(seconds) => player.current?.playFrom(seconds)} />
        )}
      </div>
    </article>
  )
}
