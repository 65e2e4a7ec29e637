import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { client, dataOf } from './client.ts'
import type { Schema, TokenRequest } from './types.ts'

const tokensKey = ['tokens'] as const
const sessionsKey = ['sessions'] as const

export function useTokens() {
  return useQuery({
    queryKey: tokensKey,
    queryFn: () => dataOf<Schema<'TokenList'>>(client.GET('/api/tokens')),
  })
}

export function useMakeToken() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: TokenRequest) =>
      dataOf<Schema<'NewToken'>>(client.POST('/api/tokens', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensKey }),
  })
}

export function useRevokeToken() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (token_id: string) => {
      await client.DELETE('/api/tokens/{token_id}', { params: { path: { token_id } } })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensKey }),
  })
}

/** The browsers that are signed in as the caller. */
export function useSessions() {
  return useQuery({
    queryKey: sessionsKey,
    queryFn: () => dataOf<Schema<'SessionList'>>(client.GET('/api/sessions')),
  })
}

export function useEndSession() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (session_id: string) => {
      await client.DELETE('/api/sessions/{session_id}', { params: { path: { session_id } } })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionsKey }),
  })
}
