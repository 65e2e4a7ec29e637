import { lazy, Suspense } from 'react'

import { detailOf, problemWords } from '../../api/problem.ts'
import { NoteLine } from '../../components/NoteLine.tsx'
import type { Advice, Check } from './preflight.ts'
import type { Tools } from './remedies.ts'

const RemedyButton = lazy(() => import('./RemedyButton.tsx'))

type ChecksProps = {
  checks: Check[]
  /** Why the server refused; its words stand first. */
  refusal: unknown
  tools: Tools
}

/** What is missing or worth knowing, next to the composer, each with what mends it. */
export function Checks({ checks, refusal, tools }: ChecksProps) {
  const words = refusal ? problemWords(refusal) : null
  const button = (advice: Advice | undefined) =>
    advice?.action && (
      <Suspense>
        <RemedyButton advice={advice} tools={tools} />
      </Suspense>
    )
  return (
    <ul className="space-y-1 empty:hidden" aria-live="polite" data-testid="checks">
      {words?.lines.map((line, index) => (
        <li key={line} data-testid="refusal">
          <NoteLine tone="bad" action={button(detailOf(refusal, line))}>
            {line}
            {index === 0 && words.reference && (
              <span className="text-muted"> Code {words.reference}</span>
            )}
          </NoteLine>
        </li>
      ))}
      {checks.map((check) => (
        <li key={check.id} data-testid={`check-${check.tone}`}>
          <NoteLine tone={check.tone} action={button(check.advice)}>
            {check.text}
          </NoteLine>
        </li>
      ))}
    </ul>
  )
}
