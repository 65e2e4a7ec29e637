import { Ban, CircleAlert, Download, RotateCcw, SlidersHorizontal } from 'lucide-react'

import type { Job } from '../../api/types.ts'
import { Badge } from '../../components/Badge.tsx'
import { Button } from '../../components/Button.tsx'
import { ActionButton } from './ActionButton.tsx'
import { EarlyEnd } from './EarlyEnd.tsx'
import { JobFacts } from './JobFacts.tsx'
import { JobWarnings } from './JobWarnings.tsx'
import { keptWords } from './jobWords.ts'

type JobEndProps = { job: Job; onReuse: (job: Job) => void }

/** The details of a job that has ended: what came of it, and what to do next. */
export function JobEnd({ job, onReuse }: JobEndProps) {
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
          <Ban size={18} aria-hidden /> You stopped this video
        </p>
      )}
      {job.output === null && <Kept job={job} />}
      <EarlyEnd job={job} />
      <JobFacts job={job} />
      <JobWarnings warnings={job.warnings} />
      <div className="mt-auto flex flex-wrap gap-2 pt-1">
        {job.output && (
          <a
            href={job.output.download_url}
            download
            data-testid="download-link"
            className="inline-flex min-h-11 items-center gap-2 rounded-chip border border-line bg-raised/60 px-3 font-medium transition-colors duration-150 hover:border-control hover:bg-raised"
          >
            <Download size={16} aria-hidden /> Download
          </a>
        )}
        <ActionButton job={job} action="retry" testId="retry">
          <RotateCcw size={16} aria-hidden /> Try again
        </ActionButton>
        <Button look="quiet" data-testid="same-settings" onClick={() => onReuse(job)}>
          <SlidersHorizontal size={16} aria-hidden /> Same settings
        </Button>
      </div>
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
      {job.actions.includes('retry') && ' Try again goes on from there.'}
    </p>
  )
}

function Failure({ job }: { job: Job }) {
  return (
    <div className="space-y-1" data-testid="job-error">
      <p className="flex items-center gap-2 text-base font-semibold text-bad">
        <CircleAlert size={18} aria-hidden /> This video did not finish
      </p>
      <p>{job.error?.message}</p>
      {job.error && <p className="text-xs text-muted">Code {job.error.reference}</p>}
    </div>
  )
}
