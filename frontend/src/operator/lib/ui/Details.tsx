import type { ReactNode } from 'react'

type DetailsProps = { summary: ReactNode; testId?: string; children: ReactNode }

/** What is looked at now and then, under a line that opens it. */
export function Details({ summary, testId, children }: DetailsProps) {
  return (
    <details data-testid={testId} className="group/details min-w-0">
      <summary className="min-h-6 cursor-pointer py-0.5 text-[13px] text-muted hover:text-ink pointer-coarse:min-h-11 pointer-coarse:py-2.5">
        {summary}
      </summary>
      <div className="mt-1.5 space-y-3 pb-3">{children}</div>
    </details>
  )
}
