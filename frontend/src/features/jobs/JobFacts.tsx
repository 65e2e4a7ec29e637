import type { Job } from '../../api/types.ts'
import { agoWords } from '../../lib/time.ts'
import { metaWords } from './jobWords.ts'

/** What a video was asked to be. */
export function JobFacts({ job }: { job: Job }) {
  return (
    <div className="min-w-0">
      <p className="line-clamp-3 font-medium" title={job.prompt} data-testid="job-prompt">
        {job.prompt}
      </p>
      <p className="mt-1.5 text-xs text-muted tabular-nums" data-testid="job-meta">
        {metaWords(job).join(' · ')}
      </p>
      <p className="text-xs text-muted tabular-nums">
        {job.output && `${job.output.resolution.replace(/\D+/, ' × ')} · `}
        <time dateTime={job.created_at}>{agoWords(job.created_at)}</time>
      </p>
    </div>
  )
}
