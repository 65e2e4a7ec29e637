import { isEnded } from '../../api/jobCache.ts'
import type { Job } from '../../api/types.ts'
import { cx } from '../../lib/cx.ts'
import { JobEnd } from './JobEnd.tsx'
import { JobRun } from './JobRun.tsx'
import { shapeOf } from './jobWords.ts'
import { ResultVideo } from './ResultVideo.tsx'
import { Stage } from './Stage.tsx'

type JobCardProps = { job: Job; onReuse: (job: Job) => void }

export function JobCard({ job, onReuse }: JobCardProps) {
  // The event that a video is completed comes a moment before its address.
  const ended = isEnded(job) && !(job.status === 'completed' && job.output === null)
  const empty = ended && job.output === null
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
      >
        {job.output && <ResultVideo output={job.output} label={job.prompt} />}
      </Stage>
      <div
        className={cx(
          'flex min-w-0 flex-col gap-4 p-4 @2xl:max-w-80 @2xl:flex-1 @2xl:p-5',
          !empty && 'flex-1',
        )}
      >
        {ended ? <JobEnd job={job} onReuse={onReuse} /> : <JobRun job={job} />}
      </div>
    </article>
  )
}
