import type { Delivery, Schema, Webhook } from '../../api/types.ts'

export type WebhookEvent = Schema<'WebhookEvent'>

export const EVENT_WORDS: Record<WebhookEvent, string> = {
  'job.accepted': 'A video is ordered',
  'job.executing': 'A video is begun',
  'job.completed': 'A video is ready',
  'job.failed': 'A video failed',
  'job.cancelled': 'A video is stopped',
  'webhook.test': 'A test',
}

export const ALL_EVENTS = (Object.keys(EVENT_WORDS) as WebhookEvent[]).filter(
  (event) => event !== 'webhook.test',
)

export const STATE_WORDS: Record<Webhook['state'], string> = {
  active: 'On',
  failing: 'Not reached, tried again',
  disabled: 'Off',
}

/** How the telling of one thing went, in words. */
export function deliveryWords({ state, attempts = [] }: Delivery): string {
  const tries = attempts.length === 1 ? 'one try' : `${attempts.length} tries`
  const last = attempts.at(-1)
  const answer = last?.status ? `answer ${last.status}` : (last?.error ?? null)
  const words = { waiting: 'Waits', delivered: 'Told', dead: 'Given up' }[state]
  const after = attempts.length === 0 ? '' : ` after ${tries}`
  return `${words}${after}${answer ? ` (${answer})` : ''}`
}
