import { ArrowRight } from 'lucide-react'

import type { Admin } from '../../api.ts'
import { changedValues, type Changed } from '../changed.ts'

/** As many as are read at a glance. */
const SHOWN = 6

/** What a change made of what, one value under the other. */
export function ChangedList({ line }: { line: Admin<'AuditLine'> }) {
  const changed = changedValues(line)
  if (changed.length === 0) return <span className="text-muted">–</span>
  const rest = changed.slice(SHOWN)
  return (
    <>
      <Values changed={changed.slice(0, SHOWN)} />
      {rest.length > 0 && (
        <details>
          <summary className="relative inline-flex min-h-6 cursor-pointer items-center text-xs text-muted hover:text-ink">
            and {rest.length} more
          </summary>
          <Values changed={rest} />
        </details>
      )}
    </>
  )
}

function Values({ changed }: { changed: Changed[] }) {
  return (
    <ul className="relative space-y-0.5">
      {changed.map(({ path, before, after }) => (
        <li key={path} className="flex flex-wrap items-baseline gap-x-1.5 font-mono text-xs">
          <span className="text-muted">{path}</span>
          {before !== null && <del className="break-all text-bad no-underline">{before}</del>}
          {before !== null && (
            <>
              <ArrowRight size={11} className="self-center text-muted" aria-hidden />
              <span className="sr-only">became</span>
            </>
          )}
          {after === null ? (
            <span className="text-muted">nothing</span>
          ) : (
            <ins className="break-all text-ok no-underline">{after}</ins>
          )}
        </li>
      ))}
    </ul>
  )
}
