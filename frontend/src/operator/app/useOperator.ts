import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'

import { meQuery } from '../../api/me.ts'
import { isSignedOut } from '../../api/problem.ts'
import { onSignedOut } from '../../lib/signedIn.ts'

/** Whether the person who is signed in runs this installation; who is not signed in is led to do so. */
export function useOperator(): 'asking' | 'operator' | 'other' {
  const { data, error } = useQuery(meQuery)
  useEffect(() => onSignedOut(leaveToSignIn), [])
  const isOut = isSignedOut(error)
  useEffect(() => {
    if (isOut) leaveToSignIn()
  }, [isOut])
  // Without an answer the console says by itself what it can't show.
  if (isOut || (data === undefined && error === null)) return 'asking'
  return data && !data.scopes.includes('admin:read') ? 'other' : 'operator'
}

function leaveToSignIn(): void {
  const here = location.pathname + location.search
  location.assign(`/sign-in?next=${encodeURIComponent(here)}`)
}
