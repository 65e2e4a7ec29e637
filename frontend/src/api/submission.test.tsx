import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { expect, test, vi } from 'vitest'

import { job } from '../test/factory.ts'
import { allJobs } from './jobCache.ts'
import { useJobs } from './jobs.ts'
import { useAcceptedSince, useSubmitJob, useSubmittedJobs } from './submission.ts'

function setUp() {
  const queries = new QueryClient({ defaultOptions: { mutations: { retryDelay: 1 } } })
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  )
  return renderHook(() => ({ submit: useSubmitJob(), submitted: useSubmittedJobs() }), { wrapper })
}

const SUBMISSION = {
  key: 'key-1',
  request: job().settings_json,
  posterUrl: null,
  at: job().created_at,
}

test('a request lost on the way is sent again under the same key', async () => {
  const keys: (string | null)[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (request) => {
    keys.push((request as Request).headers.get('Idempotency-Key'))
    if (keys.length < 3) throw new TypeError('Failed to fetch')
    return Response.json(job(), { status: 202 })
  })
  const { result } = setUp()
  result.current.submit.mutate(SUBMISSION)
  await waitFor(() => expect(result.current.submit.isSuccess).toBe(true))
  expect(keys).toEqual(['key-1', 'key-1', 'key-1'])
})

test('a refused request is sent once', async () => {
  const fetch = vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async () => Response.json({ message: 'No.' }, { status: 422 }))
  const { result } = setUp()
  result.current.submit.mutate(SUBMISSION)
  await waitFor(() => expect(result.current.submit.isError).toBe(true))
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('a job shows before the server has answered', async () => {
  const answer = Promise.withResolvers<Response>()
  vi.spyOn(globalThis, 'fetch').mockReturnValue(answer.promise)
  const { result } = setUp()
  result.current.submit.mutate(SUBMISSION)
  await waitFor(() =>
    expect(result.current.submitted).toMatchObject([
      { prompt: 'a dancer', stage: 'reading_files' },
    ]),
  )
  answer.resolve(Response.json(job(), { status: 202 }))
  await waitFor(() => expect(result.current.submitted).toEqual([]))
})

test('the accepted job takes the place of the expected one, and is never seen beside it', async () => {
  const answer = Promise.withResolvers<Response>()
  let listed: unknown[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (request) =>
    (request as Request).method === 'POST'
      ? answer.promise
      : Response.json({ items: listed, next_cursor: null }),
  )
  const counts: number[] = []
  const queries = new QueryClient()
  const { result } = renderHook(
    () => {
      const shown = [...useSubmittedJobs(), ...allJobs(useJobs(false).data)]
      counts.push(shown.length)
      return { submit: useSubmitJob(), accepted: useAcceptedSince(SUBMISSION.at), shown }
    },
    {
      wrapper: ({ children }) => (
        <QueryClientProvider client={queries}>{children}</QueryClientProvider>
      ),
    },
  )
  await waitFor(() => expect(queries.isFetching()).toBe(0))
  result.current.submit.mutate(SUBMISSION)
  await waitFor(() => expect(result.current.shown).toHaveLength(1))
  listed = [job()]
  counts.length = 0
  answer.resolve(Response.json(job(), { status: 202 }))
  await waitFor(() => expect(result.current.accepted).toEqual(['job-1']))
  expect(new Set(counts)).toEqual(new Set([1]))
})
