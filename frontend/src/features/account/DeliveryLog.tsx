import { useDeliveries, useReplay } from '../../api/webhooks.ts'
import { Button } from '../../components/Button.tsx'
import { agoWords } from '../../lib/time.ts'
import { deliveryWords, EVENT_WORDS } from './eventWords.ts'
import { Fault, Rest } from './Rest.tsx'

/** What an address was told, newest first. */
export function DeliveryLog({ webhook_id }: { webhook_id: string }) {
  const { data, error, isPending, refetch } = useDeliveries(webhook_id)
  const replay = useReplay(webhook_id)
  return (
    <div data-testid="delivery-log">
      <Rest error={error} loading={isPending} onRetry={() => void refetch()} />
      {data?.items.length === 0 && <p className="text-xs text-muted">It was told nothing yet.</p>}
      <Fault error={replay.error} />
      <ul className="divide-y divide-line text-xs">
        {(data?.items ?? []).map((delivery) => (
          <li key={delivery.delivery_id} className="flex flex-wrap items-center gap-x-3 py-1">
            <span className="min-w-0 flex-1 basis-44">
              {EVENT_WORDS[delivery.event]}, {agoWords(delivery.created_at)}
              <span className="block text-muted">{deliveryWords(delivery)}</span>
            </span>
            <Button
              look="quiet"
              disabled={replay.isPending}
              onClick={() => replay.mutate(delivery.delivery_id)}
            >
              Send again
            </Button>
          </li>
        ))}
      </ul>
    </div>
  )
}
