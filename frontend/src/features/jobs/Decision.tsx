import type { Job } from '../../api/types.ts'
import { NoteLine } from '../../components/NoteLine.tsx'
import { ActionButton } from './ActionButton.tsx'

/** What the owner of a job is asked before it goes on. */
export function Decision({ job }: { job: Job }) {
  return (
    <section aria-label="Your choice" className="relative z-1 space-y-2.5" data-testid="decision">
      <NoteLine tone="warn">{job.wait?.message}</NoteLine>
      <div className="flex flex-wrap gap-2">
        <ActionButton job={job} action="continue" look="primary" testId="continue">
          Go on
        </ActionButton>
        <ActionButton job={job} action="keep" testId="keep">
          Keep what is done
        </ActionButton>
      </div>
    </section>
  )
}
