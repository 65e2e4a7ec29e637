import type { ReactNode } from 'react'

import type { Job } from '../../api/types.ts'
import { labelOf, QUALITIES } from '../../lib/choices.ts'
import { MODES } from '../../lib/modes.ts'
import { lengthWords } from '../../lib/time.ts'
import { modeOf } from '../jobs/jobWords.ts'

const WHEN: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' }

/** What a video was asked to be, in full, and what it is. */
export function ViewerFacts({ job }: { job: Job }) {
  const { output, settings_json: request, created_at: created } = job
  return (
    <div className="min-w-0 space-y-3">
      <p className="text-base font-medium" data-testid="viewer-prompt">
        {job.prompt}
      </p>
      <dl
        className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-[13px] tabular-nums"
        data-testid="viewer-facts"
      >
        <Fact name="Mode">{MODES[modeOf(job)].label}</Fact>
        {output && <Fact name="Length">{lengthWords(output.duration_seconds)}</Fact>}
        <Fact name="Quality">{labelOf(QUALITIES, request.quality_profile ?? 'standard')}</Fact>
        {output && <Fact name="Size">{output.resolution.replace(/\D+/, ' × ')}</Fact>}
        <Fact name="Created">
          <time dateTime={created}>{new Date(created).toLocaleString(undefined, WHEN)}</time>
        </Fact>
        <Fact name="Variation number">{String(job.seed)}</Fact>
      </dl>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
