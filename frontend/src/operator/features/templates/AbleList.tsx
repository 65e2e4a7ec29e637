import { Check, Minus } from 'lucide-react'

import type { Admin } from '../../api.ts'
import { backendHref } from '../../lib/subject.ts'
import { AppLink } from '../../lib/ui/index.ts'

/** Which backends render a version, and what the others lack. */
export function AbleList({ version: { able, missing } }: { version: Admin<'TemplateVersion'> }) {
  const lacks = Object.entries(missing)
  if (able.length + lacks.length === 0) return <span className="text-muted">none is known</span>
  return (
    <ul className="relative space-y-0.5">
      {able.map((name) => (
        <li key={name} className="flex items-baseline gap-1.5">
          <Check size={12} className="shrink-0 self-center text-ok" aria-hidden />
          <span className="sr-only">can: </span>
          <AppLink href={backendHref(name)}>{name}</AppLink>
        </li>
      ))}
      {lacks.map(([name, words]) => (
        <li key={name}>
          <span className="flex items-baseline gap-1.5">
            <Minus size={12} className="shrink-0 self-center text-warn" aria-hidden />
            <span className="sr-only">can't: </span>
            <AppLink href={backendHref(name)}>{name}</AppLink>
          </span>
          <ul className="ml-4.5 list-disc pl-3 text-xs text-muted">
            {words.map((add) => (
              <li key={add}>{add}</li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  )
}
