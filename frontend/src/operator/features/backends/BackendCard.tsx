import { Button } from '../../../components/Button.tsx'
import type { Admin } from '../../api.ts'
import { jobsWith } from '../../lib/sought.ts'
import { BACKEND_TONES } from '../../lib/status.ts'
import { auditHref } from '../../lib/subject.ts'
import { AppLink, Badge } from '../../lib/ui/index.ts'
import { Abilities } from './Abilities.tsx'
import { ACTS, actsOf, type Verb } from './acts.ts'
import { BackendFacts } from './BackendFacts.tsx'
import { Findings } from './Findings.tsx'
import { Lacks } from './Lacks.tsx'

type BackendCardProps = { backend: Admin<'Backend'>; onAct: (verb: Verb) => void }

/** Everything of a backend. What is wrong with it comes first. */
export function BackendCard({ backend, onAct }: BackendCardProps) {
  const { backend_id, state, answering, facts } = backend
  return (
    <section
      aria-label={backend_id}
      data-testid="backend-card"
      className="min-w-0 space-y-3 rounded-card border border-line bg-surface p-3 sm:p-4"
    >
      <header className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
        <h2 className="min-w-0 text-sm font-semibold break-all">{backend_id}</h2>
        <Badge tone={BACKEND_TONES[state]} testId="backend-state">
          {state}
        </Badge>
        <Badge tone={answering ? 'ok' : 'bad'}>{answering ? 'answers' : 'no answer'}</Badge>
        {facts?.simulated && <Badge tone="calm">simulated</Badge>}
        <span className="ml-auto flex gap-3 text-[13px]">
          <AppLink href={jobsWith({ backend: backend_id })}>Jobs</AppLink>
          <AppLink href={auditHref(`backend/${backend_id}`)}>Audit</AppLink>
        </span>
      </header>
      <Findings findings={backend.findings ?? []} />
      <BackendFacts backend={backend} />
      <Lacks backend={backend} />
      <Abilities backend={backend} />
      <div className="flex flex-wrap gap-2">
        {actsOf(backend).map((verb) => (
          <Button
            key={verb}
            className="!min-h-9 pointer-coarse:!min-h-11"
            data-testid={verb}
            onClick={() => onAct(verb)}
          >
            {ACTS[verb].name}
          </Button>
        ))}
      </div>
    </section>
  )
}
