import type { JobWarning } from '../../api/types.ts'
import { NoteLine } from '../../components/NoteLine.tsx'
import { warningLines } from './jobWords.ts'

/** What is worth knowing of a video that is made all the same. */
export function JobWarnings({ warnings }: { warnings: JobWarning[] }) {
  if (warnings.length === 0) return null
  return (
    <ul className="space-y-1 text-[13px]" aria-label="Worth knowing" data-testid="job-warnings">
      {warningLines(warnings).map(({ message, parts }) => (
        <li key={message}>
          <NoteLine tone="warn">
            {message}
            {parts.length > 0 && (
              <span className="text-muted">
                {parts.length === 1 ? ' Part ' : ' Parts '}
                {parts.join(', ')}.
              </span>
            )}
          </NoteLine>
        </li>
      ))}
    </ul>
  )
}
