import { useState } from 'react'

import { client, dataOf, useChange, usePolled, type Admin } from '../../api.ts'
import {
  Badge,
  Confirm,
  JobId,
  Loading,
  Moment,
  Problem,
  RowButton,
  Section,
  Table,
  Time,
  type Column,
  type Tone,
} from '../../lib/ui/index.ts'

type Delivery = Admin<'Delivery'>

/** What an address was sent, newest first, with every try; and a message once more. */
export function Deliveries({ webhook }: { webhook: Admin<'Webhook'> }) {
  const { webhook_id, url } = webhook
  const path = { webhook_id }
  const fetchLog = (): Promise<Admin<'DeliveryPage'>> =>
    dataOf(client.GET('/api/admin/webhooks/{webhook_id}/deliveries', { params: { path } }))
  const { data, error, refetch } = usePolled(['deliveries', webhook_id], fetchLog)
  const [again, setAgain] = useState<Delivery | null>(null)
  return (
    <Section title={`Sent to ${url}`} testId="deliveries">
      {error && (
        <Problem lead="The log can't be shown." error={error} onRetry={() => void refetch()} />
      )}
      {data ? (
        <Table
          caption="Messages, newest first"
          columns={columnsWith(setAgain)}
          rows={data.items}
          rowKey={({ delivery_id }) => delivery_id}
          empty="Nothing was sent there yet."
        />
      ) : (
        !error && <Loading rows={4} />
      )}
      {again && <SendAgain delivery={again} onClose={() => setAgain(null)} />}
    </Section>
  )
}

const TONES: Record<Delivery['state'], Tone> = { waiting: 'busy', delivered: 'ok', dead: 'bad' }

const COLUMNS: Column<Delivery>[] = [
  { head: 'When', cell: ({ created_at }) => <Time at={created_at} /> },
  { head: 'Message', cell: ({ event }) => event },
  { head: 'Job', cell: ({ job_id }) => (job_id ? <JobId id={job_id} /> : '–') },
  { head: 'State', cell: ({ state }) => <Badge tone={TONES[state]}>{state}</Badge> },
  { head: 'Tries', atEnd: true, cell: ({ attempts }) => attempts?.length ?? 0 },
  { head: 'Last answer', className: 'min-w-40 max-w-96', cell: lastAnswer },
  { head: 'Next try', cell: ({ next_try_at }) => <Moment at={next_try_at ?? null} /> },
]

function columnsWith(onAgain: (delivery: Delivery) => void): Column<Delivery>[] {
  const act = (delivery: Delivery) => (
    <RowButton onClick={() => onAgain(delivery)}>Send again</RowButton>
  )
  return [...COLUMNS, { head: 'Act', cell: act }]
}

function lastAnswer({ attempts }: Delivery): string {
  const last = attempts?.at(-1)
  if (!last) return '–'
  return [last.status, last.error].filter(Boolean).join(': ')
}

function SendAgain({ delivery, onClose }: { delivery: Delivery; onClose: () => void }) {
  const { webhook_id, delivery_id } = delivery
  const change = useChange((body: Admin<'Reason'>) =>
    dataOf(
      client.POST('/api/admin/webhooks/{webhook_id}/deliveries/{delivery_id}/replay', {
        params: { path: { webhook_id, delivery_id } },
        body,
      }),
    ),
  )
  return (
    <Confirm
      title="Send this message again"
      hint="After what waits there, with the same id, so that the receiver can tell."
      verb="Send again"
      onConfirm={(reason) => change.mutateAsync({ reason })}
      onClose={onClose}
    />
  )
}
