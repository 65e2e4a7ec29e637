import { Link } from 'wouter'

import type { Job } from '../../api/types.ts'
import { Parts } from '../../components/Parts.tsx'
import { agoWords } from '../../lib/time.ts'
import { metaWords } from './jobWords.ts'

type JobFactsProps = {
  job: Job
  /** Its title leads to a page of its own: on a card, from anywhere that does nothing else. */
  linked?: boolean
}

/** What a video was asked to be. */
export function JobFacts({ job, linked = false }: JobFactsProps) {
  return (
    <div className="min-w-0">
      <p className="font-medium" title={job.prompt} data-testid="job-prompt">
        {linked ? (
          <Link
            href={`/v/${job.job_id}`}
            data-testid="open-viewer"
            className="line-clamp-2 min-h-6 group-data-[large=false]/card:after:absolute group-data-[large=false]/card:after:inset-0 hover:underline"
          >
            {job.prompt}
          </Link>
        ) : (
          <span className="line-clamp-2">{job.prompt}</span>
        )}
      </p>
      <p className="mt-1.5 text-xs text-muted tabular-nums" data-testid="job-meta">
        <Parts parts={metaWords(job)} />
      </p>
      <p className="text-xs text-muted tabular-nums">
        {job.output && `${job.output.resolution.replace(/\D+/, ' × ')} · `}
        <time dateTime={job.created_at}>{agoWords(job.created_at)}</time>
      </p>
    </div>
  )
}
