import { CircleAlert } from 'lucide-react'

import type { Admin } from '../../api.ts'
import { Copy } from '../../lib/ui/index.ts'
import { plainWords } from '../../lib/words.ts'

/** The exact cause of a failure, and what its owner reads of it. */
export function WhyItFailed({ record }: { record: Admin<'JobRecord'> }) {
  const { cause, job } = record
  const { error } = job
  if (cause === null && error === null) return null
  return (
    <section
      aria-label="Why it failed"
      data-testid="why"
      className="space-y-1.5 rounded-chip border border-bad/50 bg-bad/10 px-3 py-2"
    >
      <p className="flex flex-wrap items-center gap-x-2 text-[13px] font-medium text-bad">
        <CircleAlert size={15} aria-hidden />
        {error ? plainWords(error.code) : 'cause'}
        {error && <code className="font-mono text-xs">{error.reference}</code>}
        {cause && (
          <span className="ml-auto">
            <Copy text={cause} of="cause" worded />
          </span>
        )}
      </p>
      {cause && (
        <pre
          // What scrolls can be reached with keys.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          data-testid="cause"
          className="max-h-48 overflow-auto font-mono text-xs break-words whitespace-pre-wrap"
        >
          {cause}
        </pre>
      )}
      {error && <p className="text-xs text-muted">Its owner reads: “{error.message}”</p>}
    </section>
  )
}
