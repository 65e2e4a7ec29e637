import { NoteLine } from '../../components/NoteLine.tsx'
import type { Check } from './preflight.ts'
import { Remedy } from './Remedy.tsx'
import type { Tools } from './remedies.ts'

/** What is missing or worth knowing, next to the composer, each with what mends it. */
export function Checks({ checks, tools }: { checks: Check[]; tools: Tools }) {
  return (
    <ul className="space-y-1 empty:hidden" aria-live="polite" data-testid="checks">
      {checks.map((check) => (
        <li key={check.id} data-testid={`check-${check.tone}`}>
          <NoteLine tone={check.tone} action={<Remedy advice={check.advice} tools={tools} />}>
            {check.text}
          </NoteLine>
        </li>
      ))}
    </ul>
  )
}
