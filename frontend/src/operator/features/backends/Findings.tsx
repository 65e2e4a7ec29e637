import type { Admin } from '../../api.ts'
import { Badge, Time, type Tone } from '../../lib/ui/index.ts'
import { plainWords } from '../../lib/words.ts'

type Finding = Admin<'Finding'>
type Severity = Admin<'Severity'>

const TONES: Record<Severity, Tone> = { info: 'calm', warning: 'warn', serious: 'bad' }
const RANKS: Record<Severity, number> = { serious: 0, warning: 1, info: 2 }

/** What the doctor found, the worst first, each with what to do. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  if (findings.length === 0) return null
  const sorted = findings.toSorted((one, other) => RANKS[one.severity] - RANKS[other.severity])
  return (
    <ul aria-label="Findings" data-testid="findings" className="space-y-2">
      {sorted.map(({ kind, severity, message, to_do, since }) => (
        <li key={kind} className="rounded-chip border border-line bg-bg px-3 py-2 text-[13px]">
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone={TONES[severity]}>{plainWords(kind)}</Badge>
            <span className="text-xs text-muted">
              first seen <Time at={since} />
            </span>
          </p>
          <p className="mt-1">{message}</p>
          <p className="text-muted">What to do: {to_do}</p>
        </li>
      ))}
    </ul>
  )
}
