import { Ban, CircleAlert } from 'lucide-react'

import type { Job } from '../../api/types.ts'
import { Badge } from '../../components/Badge.tsx'
import { EarlyEnd } from './EarlyEnd.tsx'
import { keptWords } from './jobWords.ts'

/** What came of a job that has ended, where it is not simply its video. */
export function JobOutcome({ job }: { job: Job }) {
  return (
    <>
      {job.output?.simulated && (
        <div>
          <Badge>Simulated</Badge>
        </div>
      )}
      {job.status === 'failed' && <Failure job={job} />}
      {job.status === 'cancelled' && (
        <p className="flex items-center gap-2 text-base font-semibold text-muted">
          <Ban size={18} className="shrink-0" aria-hidden /> You stopped this video
        </p>
      )}
      {job.output === null && <Kept job={job} />}
      <EarlyEnd job={job} />
    </>
  )
}

/** What is not lost, and that a new try starts after it. */
function Kept({ job }: { job: Job }) {
  const kept = keptWords(job)
  if (kept === null) return null
  return (
    <p data-testid="kept">
      {kept}
      {job.segments_done > 0 && job.actions.includes('retry') && ' Try again goes on from there.'}
    </p>
  )
}

function Failure({ job }: { job: Job }) {
  return (
    <div className="relative z-1 space-y-1" data-testid="job-error">
      <p className="flex items-center gap-2 text-base font-semibold text-bad">
        <CircleAlert size={18} className="shrink-0" aria-hidden /> This video did not finish
      </p>
      <p>{job.error?.message}</p>
      {job.error && <p className="text-xs text-muted">Code {job.error.reference}</p>}
    </div>
  )
}
