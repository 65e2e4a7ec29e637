import { useState } from 'react'

import { useAddWebhook, useWebhooks } from '../../api/webhooks.ts'
import { Button } from '../../components/Button.tsx'
import { OnceSecret } from '../../components/OnceSecret.tsx'
import { TextField } from '../../components/TextField.tsx'
import { EventChoice } from './EventChoice.tsx'
import { ALL_EVENTS, type WebhookEvent } from './eventWords.ts'
import { Fault, Rest } from './Rest.tsx'
import { WebhookRow } from './WebhookRow.tsx'

/** The addresses of other services that are told of a person's videos. */
export function Notifications() {
  const { data, error, isPending, refetch } = useWebhooks()
  return (
    <>
      <AddWebhook />
      <Rest error={error} loading={isPending} onRetry={() => void refetch()} />
      {data?.items.length === 0 && <p className="text-muted">No other service is told.</p>}
      <ul className="divide-y divide-line">
        {(data?.items ?? []).map((webhook) => (
          <WebhookRow key={webhook.webhook_id} webhook={webhook} />
        ))}
      </ul>
    </>
  )
}

function AddWebhook() {
  const add = useAddWebhook()
  const [url, setUrl] = useState('')
  const [events, setEvents] = useState<WebhookEvent[]>(ALL_EVENTS)
  return (
    <form
      className="space-y-3 rounded-chip border border-line p-3"
      onSubmit={(event) => {
        event.preventDefault()
        add.mutate({ url: url.trim(), events, description: '' }, { onSuccess: () => setUrl('') })
      }}
    >
      <TextField
        label="Address to tell"
        hint="It begins with https and is open to the internet."
        type="url"
        required
        value={url}
        onChange={setUrl}
        data-testid="webhook-url"
      />
      <EventChoice events={events} onChange={setEvents} />
      <Button type="submit" disabled={add.isPending || url.trim() === '' || events.length === 0}>
        Add address
      </Button>
      <Fault error={add.error} />
      {add.data && (
        <OnceSecret
          label="Signing secret"
          hint="Copy it now: it is shown this once."
          value={add.data.secret}
          testId="webhook-secret"
        />
      )}
    </form>
  )
}
