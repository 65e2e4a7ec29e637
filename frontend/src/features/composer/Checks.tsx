import { NoteLine } from '../../components/NoteLine.tsx'
import { problemWords } from '../../api/problem.ts'
import type { Check } from './preflight.ts'

type ChecksProps = {
  checks: Check[]
  /** Why the server refused; its words stand first. */
  refusal: unknown
}

/** What is missing or worth knowing, next to the composer. */
export function Checks({ checks, refusal }: ChecksProps) {
  const words = refusal ? problemWords(refusal) : null
  return (
    <ul className="space-y-1 empty:hidden" aria-live="polite" data-testid="checks">
      {words?.lines.map((line, index) => (
        <li key={line} data-testid="refusal">
          <NoteLine tone="bad">
            {line}
            {index === 0 && words.reference && (
              <span className="text-muted"> Code {words.reference}</span>
            )}
          </NoteLine>
        </li>
      ))}
      {checks.map((check) => (
        <li key={check.id} data-testid={`check-${check.tone}`}>
          <NoteLine tone={check.tone}>{check.text}</NoteLine>
        </li>
      ))}
    </ul>
  )
}
