import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'

import { adminKey, client, dataOf, POLL_MS, type Admin } from '../../api.ts'
import type { AuditQuery } from './filter.ts'

/** All pages are asked for again each time, so a long list is asked for less often. */
const LONG_POLL_MS = 15_000

/** The changes that match, newest first, page by page towards the older ones. */
export function useAudit(query: AuditQuery) {
  return useInfiniteQuery({
    queryKey: adminKey('audit', query),
    queryFn: ({ pageParam: cursor }): Promise<Admin<'AuditPage'>> =>
      dataOf(
        client.GET('/api/admin/audit', {
          params: { query: { ...query, ...(cursor !== null && { cursor }) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 1) > 1 ? LONG_POLL_MS : POLL_MS),
  })
}
