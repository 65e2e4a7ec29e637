import { CircleStop, ListEnd } from 'lucide-react'

import type { Job } from '../../api/types.ts'
import { ActionButton } from './ActionButton.tsx'
import { endsEarly } from './jobWords.ts'

/** How to end a job that is on its way: at once, or with what it has. */
export function RunActions({ job }: { job: Job }) {
  const keeps = job.actions.includes('keep') && job.wait?.reason !== 'decision'
  return (
    <div className="relative z-1 mt-auto space-y-2 pt-1">
      <div className="flex flex-wrap gap-2">
        <ActionButton job={job} action="cancel" testId="stop">
          <CircleStop size={16} aria-hidden /> Stop
        </ActionButton>
        {keeps && (
          <ActionButton job={job} action="keep" testId="keep">
            <ListEnd size={16} aria-hidden /> Stop and keep
          </ActionButton>
        )}
      </div>
      {keeps && (
        <p className="text-xs text-muted" data-testid="keep-hint">
          {job.status === 'executing'
            ? 'Stop and keep ends after the part it is making now.'
            : 'Stop and keep ends with the parts that are done.'}
        </p>
      )}
      {endsEarly(job) && (
        <output className="block text-xs text-muted" data-testid="ends-early">
          Your video ends early, with the parts that are done.
        </output>
      )}
    </div>
  )
}
