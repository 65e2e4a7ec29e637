import { useQuery } from '@tanstack/react-query'

import { client, dataOf } from './client.ts'

const ASK_MS = 60_000

/** Whether results are drawn instead of generated; false while that is not known. */
export function useSimulated(): boolean {
  const { data } = useQuery({
    queryKey: ['studio'],
    queryFn: () => dataOf(client.GET('/api/studio')),
    refetchInterval: ASK_MS,
  })
  return data?.simulated ?? false
}
