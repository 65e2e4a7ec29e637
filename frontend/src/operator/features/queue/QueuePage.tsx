import { useState } from 'react'

import { client, dataOf, usePolled, type Admin } from '../../api.ts'
import { Loading, PageHeader, Problem, Section } from '../../lib/ui/index.ts'
import { PriorityDialog, type Urgency } from '../../changes/PriorityDialog.tsx'
import { BackendLoad } from './BackendLoad.tsx'
import { OwnerLoad } from './OwnerLoad.tsx'
import { RunningTable } from './RunningTable.tsx'
import { SaturationLine } from './SaturationLine.tsx'
import { Totals } from './Totals.tsx'
import { WaitingTable } from './WaitingTable.tsx'

function fetchQueue(): Promise<Admin<'QueueView'>> {
  return dataOf(client.GET('/api/admin/queue'))
}

/** What runs and waits, for whom and where. */
export function QueuePage() {
  const { data, error, refetch } = usePolled(['queue'], fetchQueue)
  // As the operator saw it: what it has become meanwhile is told by the refusal.
  const [urgency, setUrgency] = useState<Urgency | null>(null)
  return (
    <>
      <PageHeader title="Queue" />
      {error && (
        <Problem
          lead={data ? 'This is not up to date.' : "The queue can't be shown."}
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {data ? <Queue queue={data} onUrgency={setUrgency} /> : !error && <Loading rows={8} />}
      {urgency && <PriorityDialog urgency={urgency} onClose={() => setUrgency(null)} />}
    </>
  )
}

type QueueProps = { queue: Admin<'QueueView'>; onUrgency: (urgency: Urgency) => void }

function Queue({ queue, onUrgency }: QueueProps) {
  return (
    <>
      <SaturationLine saturation={queue.saturation} gpus={queue.gpus} />
      <Totals queue={queue} />
      <div className="grid gap-4 lg:grid-cols-2">
        <Section title="Backends">
          <BackendLoad backends={queue.backends} />
        </Section>
        <Section title="Owners">
          <OwnerLoad owners={queue.owners} />
        </Section>
      </div>
      <Section title="Running" beside={<Count of={queue.running} />}>
        <RunningTable jobs={queue.running} />
      </Section>
      <Section title="Waiting" beside={<Count of={queue.waiting} />}>
        <WaitingTable jobs={queue.waiting} onUrgency={onUrgency} />
      </Section>
    </>
  )
}

function Count({ of }: { of: readonly unknown[] }) {
  return <span className="text-xs text-muted tabular-nums">{of.length}</span>
}
