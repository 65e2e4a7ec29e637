import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { onSignedOut, tellSignedIn } from '../lib/signedIn.ts'
import { keep, leaveTab, recall } from '../lib/stored.ts'
import { client, dataOf } from './client.ts'
import { isPassing, isSignedOut } from './problem.ts'
import type { Me } from './types.ts'

/** signed-out: it ended while the page was open. unknown: the server does not say just now. */
export type Standing = 'asking' | 'stranger' | 'signed-in' | 'signed-out' | 'unknown'

const OWNER = 'owner'

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => dataOf<Me>(client.GET('/api/me')),
  refetchOnWindowFocus: 'always',
  retry: (count, error) => count < 3 && isPassing(error),
})

/** Make a tab somebody's. False: it was somebody else's, of whom it has to show nothing any more. */
function settle(owner: string): boolean {
  if (isOfAnother(owner)) {
    leaveTab()
    return false
  }
  keep('sessionStorage', OWNER, owner)
  return true
}

function isOfAnother(owner: string): boolean {
  const before = recall<string>('sessionStorage', OWNER)
  return before !== null && before !== owner
}

export function useMe(): Me | undefined {
  return useQuery(meQuery).data
}

/** Whether somebody is signed in here. It is asked again when anything answers that nobody is. */
export function useStanding(): Standing {
  const queries = useQueryClient()
  const { data, error, failureReason } = useQuery(meQuery)
  const isOut = isSignedOut(error)

  useEffect(
    () =>
      onSignedOut(() => {
        if (!queries.isFetching(meQuery)) void queries.invalidateQueries(meQuery)
      }),
    [queries],
  )

  const owner = isOut ? undefined : data?.owner
  useEffect(() => {
    if (owner === undefined) return
    if (!settle(owner)) return location.reload()
    tellSignedIn()
  }, [owner])

  useEffect(() => {
    if (!isOut) return
    // What was asked for in between was refused.
    const isOther = ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[0] !== 'me'
    return () => void queries.invalidateQueries({ predicate: isOther })
  }, [isOut, queries])

  if (owner !== undefined && isOfAnother(owner)) return 'asking'
  if (isOut) return data === undefined ? 'stranger' : 'signed-out'
  if (data !== undefined) return 'signed-in'
  return error === null && failureReason === null ? 'asking' : 'unknown'
}
