import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { tellSignedOut } from '../lib/signedIn.ts'
import { keep, recall } from '../lib/stored.ts'
import { useStanding } from './me.ts'

/** Who is signed in, as the server has it. */
let person: string | null = null
const reload = vi.fn<() => void>()

function show() {
  const queries = new QueryClient()
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  )
  return renderHook(() => useStanding(), { wrapper }).result
}

const ask = () => act(() => tellSignedOut())

beforeEach(() => {
  reload.mockClear()
  vi.stubGlobal('location', { origin: location.origin, reload })
  vi.spyOn(globalThis, 'fetch').mockImplementation(() => {
    const answer = person === null ? { message: 'Sign in first.' } : { owner: person }
    return Promise.resolve(Response.json(answer, { status: person === null ? 401 : 200 }))
  })
})

afterEach(() => {
  sessionStorage.clear()
  vi.unstubAllGlobals()
})

test('who was never signed in here is a stranger', async () => {
  person = null
  const standing = show()
  await waitFor(() => expect(standing.current).toBe('stranger'))
})

test('whose session ends goes on where it ended, and keeps the draft', async () => {
  person = 'ada'
  const standing = show()
  await waitFor(() => expect(standing.current).toBe('signed-in'))
  keep('sessionStorage', 'draft', 'mine')
  person = null
  ask()
  await waitFor(() => expect(standing.current).toBe('signed-out'))
  person = 'ada'
  ask()
  await waitFor(() => expect(standing.current).toBe('signed-in'))
  expect(recall('sessionStorage', 'draft')).toBe('mine')
  expect(reload).not.toHaveBeenCalled()
})

test('for somebody else the tab is emptied and loaded anew', async () => {
  keep('sessionStorage', 'owner', 'ada')
  keep('sessionStorage', 'draft', 'hers')
  person = 'bob'
  show()
  await waitFor(() => expect(reload).toHaveBeenCalledOnce())
  expect(recall('sessionStorage', 'draft')).toBeNull()
})
