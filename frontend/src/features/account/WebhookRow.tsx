import { useState } from 'react'

import type { Webhook } from '../../api/types.ts'
import {
  useChangeWebhook,
  useRemoveWebhook,
  useRotateSecret,
  useTestWebhook,
} from '../../api/webhooks.ts'
import { Button } from '../../components/Button.tsx'
import { OnceSecret } from '../../components/OnceSecret.tsx'
import { SureButton } from '../../components/SureButton.tsx'
import { DeliveryLog } from './DeliveryLog.tsx'
import { STATE_WORDS } from './eventWords.ts'
import { Fault } from './Rest.tsx'

/** One address that is told, and what can be done with it. */
export function WebhookRow({ webhook }: { webhook: Webhook }) {
  const { webhook_id, url, state, reason, waiting } = webhook
  const [log, showLog] = useState(false)
  const change = useChangeWebhook(webhook_id)
  const rotate = useRotateSecret(webhook_id)
  const test = useTestWebhook(webhook_id)
  const remove = useRemoveWebhook(webhook_id)
  const off = state === 'disabled'
  return (
    <li className="space-y-2 py-3" data-testid="webhook-row">
      <div>
        <p className="font-medium break-all">{url}</p>
        <p className="text-xs text-muted">
          {STATE_WORDS[state]}
          {waiting ? ` · ${waiting} waiting` : ''}
          {reason ? ` · ${reason}` : ''}
        </p>
      </div>
      <div className="-mx-3 flex flex-wrap gap-1">
        <Button
          look="quiet"
          disabled={off || test.isPending}
          onClick={() => test.mutate(undefined)}
        >
          Send a test
        </Button>
        <Button look="quiet" aria-expanded={log} onClick={() => showLog(!log)}>
          Log
        </Button>
        <Button
          look="quiet"
          disabled={change.isPending}
          onClick={() => change.mutate({ enabled: off })}
        >
          {off ? 'Switch on' : 'Switch off'}
        </Button>
        <SureButton
          act="New secret"
          what={`for ${url}`}
          busy={rotate.isPending}
          onSure={() => rotate.mutate(undefined)}
        />
        <SureButton
          act="Remove"
          what={url}
          busy={remove.isPending}
          onSure={() => remove.mutate(undefined)}
        />
      </div>
      <Fault error={change.error ?? rotate.error ?? test.error ?? remove.error} />
      {rotate.data && (
        <OnceSecret
          label="New signing secret"
          hint="Shown this once. The old one works beside it for a day."
          value={rotate.data.secret}
          testId="webhook-secret"
        />
      )}
      {log && <DeliveryLog webhook_id={webhook_id} />}
    </li>
  )
}
