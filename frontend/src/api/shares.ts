import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { client, dataOf } from './client.ts'
import type { NewShare, Share, ShareRequest, Schema } from './types.ts'

const sharesKey = ['shares'] as const

type Ending = Pick<Share, 'revoked_at' | 'expires_at'>

/** Whether a link or token still works. */
export function isLive({ revoked_at, expires_at }: Ending, now: number = Date.now()): boolean {
  return !revoked_at && (!expires_at || Date.parse(expires_at) > now)
}

/** The links to one video. */
export function useJobShares(job_id: string) {
  return useQuery({
    queryKey: [...sharesKey, job_id],
    queryFn: () =>
      dataOf<Schema<'ShareList'>>(
        client.GET('/api/jobs/{job_id}/shares', { params: { path: { job_id } } }),
      ),
  })
}

/** All of the caller's links, newest first. */
export function useShares() {
  return useInfiniteQuery({
    queryKey: sharesKey,
    queryFn: ({ pageParam }) => {
      const query = pageParam === null ? {} : { cursor: pageParam }
      return dataOf<Schema<'SharePage'>>(client.GET('/api/shares', { params: { query } }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  })
}

export function useCreateShare(job_id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: ShareRequest) =>
      dataOf<NewShare>(
        client.POST('/api/jobs/{job_id}/shares', { params: { path: { job_id } }, body }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: sharesKey }),
  })
}

export function useRevokeShare() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (share_id: string) => {
      await client.DELETE('/api/shares/{share_id}', { params: { path: { share_id } } })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: sharesKey }),
  })
}
