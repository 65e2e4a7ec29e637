import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { client, dataOf } from './client.ts'
import type { Schema, WebhookChange, WebhookRequest } from './types.ts'

const webhooksKey = ['webhooks'] as const

const at = (webhook_id: string) => ({ path: { webhook_id } })

/** What an action of the page does, after which all is asked for again. */
function useAct<Asked, Answer>(act: (asked: Asked) => Promise<Answer>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSuccess: () => queries.invalidateQueries({ queryKey: webhooksKey }),
  })
}

export function useWebhooks() {
  return useQuery({
    queryKey: webhooksKey,
    queryFn: () => dataOf<Schema<'WebhookList'>>(client.GET('/api/webhooks')),
  })
}

export function useAddWebhook() {
  return useAct((body: WebhookRequest) =>
    dataOf<Schema<'NewWebhook'>>(client.POST('/api/webhooks', { body })),
  )
}

export function useChangeWebhook(webhook_id: string) {
  return useAct((body: WebhookChange) =>
    dataOf<Schema<'Webhook'>>(
      client.PATCH('/api/webhooks/{webhook_id}', { params: at(webhook_id), body }),
    ),
  )
}

export function useRemoveWebhook(webhook_id: string) {
  return useAct(async () => {
    await client.DELETE('/api/webhooks/{webhook_id}', { params: at(webhook_id) })
  })
}

export function useRotateSecret(webhook_id: string) {
  return useAct(() =>
    dataOf<Schema<'NewWebhook'>>(
      client.POST('/api/webhooks/{webhook_id}/secret', { params: at(webhook_id) }),
    ),
  )
}

export function useTestWebhook(webhook_id: string) {
  return useAct(() =>
    dataOf<Schema<'Delivery'>>(
      client.POST('/api/webhooks/{webhook_id}/test', { params: at(webhook_id) }),
    ),
  )
}

const LOG_MS = 5_000

/** What an address was sent, newest first. */
export function useDeliveries(webhook_id: string) {
  return useQuery({
    queryKey: [...webhooksKey, webhook_id, 'deliveries'],
    queryFn: () =>
      dataOf<Schema<'DeliveryPage'>>(
        client.GET('/api/webhooks/{webhook_id}/deliveries', { params: at(webhook_id) }),
      ),
    refetchInterval: LOG_MS,
  })
}

export function useReplay(webhook_id: string) {
  return useAct((delivery_id: string) =>
    dataOf<Schema<'Delivery'>>(
      client.POST('/api/webhooks/{webhook_id}/deliveries/{delivery_id}/replay', {
        params: { path: { webhook_id, delivery_id } },
      }),
    ),
  )
}
