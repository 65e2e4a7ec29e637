import { RotateCcw, SlidersHorizontal } from 'lucide-react'

import type { Job } from '../../api/types.ts'
import { Button } from '../../components/Button.tsx'
import { ActionButton } from './ActionButton.tsx'
import { JobFacts } from './JobFacts.tsx'
import { JobOutcome } from './JobOutcome.tsx'
import { JobWarnings } from './JobWarnings.tsx'

type JobEndProps = { job: Job; onReuse: (job: Job) => void }

/** The details of a job that ended without a video, and what to do next. */
export function JobEnd({ job, onReuse }: JobEndProps) {
  return (
    <>
      <JobOutcome job={job} />
      <JobFacts job={job} />
      <JobWarnings warnings={job.warnings} />
      <div className="mt-auto flex flex-wrap gap-2 pt-1">
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
