import type { Admin } from '../../api.ts'
import { Moment } from '../../lib/ui/index.ts'
import { trialWords } from './templateWords.ts'

/** A version on trial: how it fares, and when it is taken back by itself. */
export function Trial({ canary }: { canary: Admin<'Canary'> }) {
  return (
    <div
      data-testid="trial"
      className="rounded-chip border border-accent/40 bg-accent/5 px-3 py-2 text-[13px]"
    >
      <p className="font-medium">
        {canary.version} is on trial since <Moment at={canary.since} />
      </p>
      <p className="text-muted">{trialWords(canary)}</p>
    </div>
  )
}
