import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { leaveTab } from '../lib/stored.ts'
import { client, dataOf } from './client.ts'
import { meQuery } from './me.ts'
import { isSignedOut } from './problem.ts'
import type { SignInOptions } from './types.ts'

/** How a browser can sign in here. */
export function useSignInOptions() {
  return useQuery({
    queryKey: ['sign-in'],
    queryFn: () => dataOf<SignInOptions>(client.GET('/api/sign-in')),
  })
}

export type Proof = { token: string } | { code: string }

/** Sign this browser in. The page that is open learns of it at once. */
export function useSignIn(onDone: () => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (proof: Proof) => {
      if ('token' in proof) await client.POST('/api/sign-in/token', { body: proof })
      else await client.POST('/api/sign-in/link', { body: proof })
    },
    onSuccess: async () => {
      await queries.invalidateQueries(meQuery)
      onDone()
    },
  })
}

/** Sign this browser out, and leave nothing of the person in its tab. */
export async function signOut(): Promise<void> {
  try {
    await client.POST('/api/sign-out')
  } catch (error) {
    if (!isSignedOut(error)) throw error
  }
  leaveTab()
  location.assign('/sign-in')
}
