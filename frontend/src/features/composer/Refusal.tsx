import { detailOf, problemWords } from '../../api/problem.ts'
import { NoteLine } from '../../components/NoteLine.tsx'
import { Remedy } from './Remedy.tsx'
import type { Tools } from './remedies.ts'

/** Why the server refused, each reason with what mends it; the first with the code to ask by. */
export function Refusal({ refusal, tools }: { refusal: unknown; tools: Tools }) {
  const { lines, reference } = problemWords(refusal)
  return (
    <ul className="space-y-1" aria-live="polite">
      {lines.map((line, index) => (
        <li key={line} data-testid="refusal">
          <NoteLine tone="bad" action={<Remedy advice={detailOf(refusal, line)} tools={tools} />}>
            {line}
            {index === 0 && reference && <span className="text-muted"> Code {reference}</span>}
          </NoteLine>
        </li>
      ))}
    </ul>
  )
}
