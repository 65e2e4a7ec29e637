import {
  useMutation,
  useQuery,
  useQueryClient,
  type QueryKey,
  type UseQueryResult,
} from '@tanstack/react-query'

import type { components } from '../api/schema.gen.ts'

export { client, dataOf } from '../api/client.ts'

/** What crosses the API, by name: `Admin<'QueueView'>`. */
export type Admin<Name extends keyof components['schemas']> = components['schemas'][Name]

export const POLL_MS = 2_000

/** All that operators see begins with this key, so one change renews all of it. */
const ADMIN = 'admin'

export function adminKey(...parts: readonly unknown[]): QueryKey {
  return [ADMIN, ...parts]
}

type PolledOptions<T> = {
  enabled?: boolean
  /** How often it is asked again, or what decides that. */
  everyMs?: number | false | ((known: T | undefined) => number | false)
}

/** What the server says of something, asked again every 2 s while the tab is in sight. */
export function usePolled<T>(
  parts: readonly unknown[],
  fetch: () => Promise<T>,
  { enabled = true, everyMs = POLL_MS }: PolledOptions<T> = {},
): UseQueryResult<T> {
  return useQuery({
    queryKey: adminKey(...parts),
    queryFn: fetch,
    refetchInterval: typeof everyMs === 'function' ? ({ state }) => everyMs(state.data) : everyMs,
    enabled,
  })
}

/** A change by an operator. All that is shown is asked for again, whether it was made or refused. */
export function useChange<Asked, Answer>(send: (asked: Asked) => Promise<Answer>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: send,
    onSettled: () => queries.invalidateQueries({ queryKey: [ADMIN] }),
  })
}
