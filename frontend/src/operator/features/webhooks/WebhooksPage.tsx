import { client, dataOf, usePolled, type Admin } from '../../api.ts'
import {
  Badge,
  Loading,
  PageHeader,
  Problem,
  Table,
  Time,
  type Column,
  type Tone,
} from '../../lib/ui/index.ts'
import { useFilters } from '../../lib/useFilters.ts'
import { Deliveries } from './Deliveries.tsx'

type Webhook = Admin<'Webhook'>

function fetchWebhooks(): Promise<Admin<'WebhookList'>> {
  return dataOf(client.GET('/api/admin/webhooks', { params: { query: { limit: 100 } } }))
}

/** Addresses of other services, and what they were sent. */
export function WebhooksPage() {
  const { data, error, refetch } = usePolled(['webhooks'], fetchWebhooks)
  const [{ webhook }] = useFilters(['webhook'] as const)
  const chosen = data?.items.find(({ webhook_id }) => webhook_id === webhook)
  return (
    <>
      <PageHeader title="Webhooks" hint="Other services that are told of people's videos." />
      {error && (
        <Problem lead="The webhooks can't be shown." error={error} onRetry={() => void refetch()} />
      )}
      {data ? (
        <Table
          caption="Webhooks"
          columns={COLUMNS}
          rows={data.items}
          rowKey={({ webhook_id }) => webhook_id}
          rowHref={({ webhook_id }) => `/webhooks?webhook=${webhook_id}`}
          empty="Nobody has added one yet."
          testId="webhooks"
        />
      ) : (
        !error && <Loading rows={6} />
      )}
      {chosen && <Deliveries key={chosen.webhook_id} webhook={chosen} />}
    </>
  )
}

const TONES: Record<Webhook['state'], Tone> = { active: 'ok', failing: 'warn', disabled: 'bad' }

const COLUMNS: Column<Webhook>[] = [
  { head: 'Address', className: 'max-w-96 break-all', cell: ({ url }) => url },
  { head: 'Owner', cell: ({ owner }) => owner },
  { head: 'State', cell: ({ state }) => <Badge tone={TONES[state]}>{state}</Badge> },
  { head: 'Why', className: 'min-w-40 max-w-80', cell: ({ reason }) => reason ?? '' },
  { head: 'Waiting', atEnd: true, cell: ({ waiting }) => waiting ?? 0 },
  { head: 'Delivered', cell: ({ delivered_at }) => <Time at={delivered_at ?? null} /> },
  { head: 'Failed', cell: ({ failed_at }) => <Time at={failed_at ?? null} /> },
]
