import { CircleAlert } from 'lucide-react'

import { Button } from '../../../components/Button.tsx'
import { problemWords } from '../words.ts'

type ProblemProps = {
  error: unknown
  /** What did not work: "The queue can't be shown." */
  lead?: string
  onRetry?: (() => void) | undefined
}

/** A failed request: what did not work, why, and the reference of its log line. */
export function Problem({ error, lead, onRetry }: ProblemProps) {
  const { lines, reference } = problemWords(error)
  return (
    <div
      role="alert"
      data-testid="problem"
      className="flex flex-wrap items-start gap-x-3 gap-y-2 rounded-chip border border-bad/40 bg-bad/10 px-3 py-2"
    >
      <CircleAlert size={16} className="mt-0.5 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0 flex-1 basis-48">
        {lead && <p className="font-medium">{lead}</p>}
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
        {reference && <p className="text-xs text-muted">Log reference {reference}</p>}
      </div>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}
