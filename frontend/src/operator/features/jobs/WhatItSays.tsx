import type { Admin } from '../../api.ts'
import { Badge } from '../../lib/ui/index.ts'
import { plainWords } from '../../lib/words.ts'

/** A job's prompt and, of a failed one, the exact cause and what its owner was told by. */
export function WhatItSays({ job }: { job: Admin<'AdminJob'> }) {
  const { prompt, error, cause, deleted, run } = job
  return (
    <>
      <span className="line-clamp-2">{prompt || <i className="text-muted">no prompt</i>}</span>
      {error && (
        <span className="block text-xs text-bad">
          {plainWords(error.code)} · {error.reference}
        </span>
      )}
      {cause && (
        <code
          title={cause}
          data-testid="cause"
          className="line-clamp-4 font-mono text-xs break-words whitespace-pre-line text-bad"
        >
          {cause}
        </code>
      )}
      <span className="flex gap-1 empty:hidden">
        {deleted && <Badge tone="off">deleted by its owner</Badge>}
        {run > 1 && <Badge tone="calm">{`run ${run}`}</Badge>}
      </span>
    </>
  )
}
