import { useId, useRef } from 'react'

import { placeMenu } from '../../../components/placeMenu.ts'
import { client, dataOf, usePolled, type Admin } from '../../api.ts'
import { Badge } from '../../lib/ui/index.ts'
import { groupsOf, verdictOf } from './health.ts'
import { HealthGroup } from './HealthGroup.tsx'
import { HealthNote } from './HealthNote.tsx'

const EVERY_MS = 5_000
/** The gateway asks its parts for at most two seconds. */
const PATIENCE_MS = 8_000

function fetchHealth(): Promise<Admin<'SystemHealth'>> {
  return dataOf(client.GET('/api/admin/health', { signal: AbortSignal.timeout(PATIENCE_MS) }))
}

/** The worst state there is, in the header of every page; its parts once it is pressed. */
export function HealthStrip() {
  const { data, error } = usePolled(['health'], fetchHealth, { everyMs: EVERY_MS })
  const id = useId()
  const panel = useRef<HTMLElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const { tone, words } = verdictOf(data, error)

  const place = () => {
    if (panel.current && button.current) placeMenu(panel.current, button.current, true)
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={id}
        data-testid="health"
        className="inline-flex min-h-8 min-w-0 items-center rounded-lg px-1 hover:bg-raised pointer-coarse:min-h-11"
      >
        <span className="sr-only">Health: </span>
        <Badge tone={tone}>
          <span className="max-w-60 truncate">{words}</span>
        </Badge>
      </button>
      <section
        ref={panel}
        id={id}
        popover="auto"
        aria-label="Health of the parts"
        data-testid="health-parts"
        className="menu text-[13px]"
        onToggle={(event) => event.newState === 'open' && place()}
      >
        <div className="space-y-3 p-2">
          <HealthNote error={error} checkedAt={data?.checked_at ?? null} />
          {data && groupsOf(data).map((group) => <HealthGroup key={group.name} group={group} />)}
        </div>
      </section>
    </>
  )
}
