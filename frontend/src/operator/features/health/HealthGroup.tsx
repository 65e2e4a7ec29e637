import { useId } from 'react'

import { backendHref } from '../../lib/subject.ts'
import { AppLink, Badge, Since } from '../../lib/ui/index.ts'
import { TONES, type Group } from './health.ts'

/** The parts of a kind: state, since when, and the state in words. */
export function HealthGroup({ group: { name, parts } }: { group: Group }) {
  const id = useId()
  return (
    <div>
      <p id={id} className="mb-1 text-xs font-medium text-muted">
        {name}
      </p>
      <ul aria-labelledby={id} className="space-y-1.5">
        {parts.map(({ kind, name: part, state, since, message }) => (
          <li key={part}>
            <p className="flex flex-wrap items-center gap-x-2">
              <Badge tone={TONES[state]}>{state}</Badge>
              <span className="min-w-0 font-medium break-all">
                {kind === 'backend' ? <AppLink href={backendHref(part)}>{part}</AppLink> : part}
              </span>
              {since && (
                <span className="text-xs text-muted">
                  for <Since at={since} />
                </span>
              )}
            </p>
            <p className="text-muted">{message}</p>
          </li>
        ))}
      </ul>
    </div>
  )
}
