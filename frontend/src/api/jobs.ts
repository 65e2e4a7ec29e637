import { queryOptions, useInfiniteQuery, useQuery, type QueryClient } from '@tanstack/react-query'

import { client, dataOf } from './client.ts'
import { hideJob, jobsKey, listKey, mergePages, storeJob } from './jobCache.ts'
import { askedOf, isFiltering, NO_FILTER, type JobFilter } from './jobFilter.ts'
import { isGone } from './problem.ts'
import { isRemoved } from './removed.ts'
import type { Job, JobPage, JobRequest, Promised } from './types.ts'

/** How often to ask while no stream tells. */
export const POLL_MS = 10_000

function fetchJobs(filter: JobFilter, cursor: string | null): Promise<JobPage> {
  const query = { ...askedOf(filter), ...(cursor !== null && { cursor }) }
  return dataOf(client.GET('/api/jobs', { params: { query } }))
}

function fetchJob(job_id: string): Promise<Job> {
  return dataOf(client.GET('/api/jobs/{job_id}', { params: { path: { job_id } } }))
}

function fetchPromise(body: JobRequest): Promise<Promised> {
  return body.mode === 'animate'
    ? dataOf(client.POST('/api/jobs/animate/preview', { body }))
    : dataOf(client.POST('/api/jobs/audio-performance/preview', { body }))
}

/** The caller's jobs, newest first. polling: ask again by the clock, for no stream tells of changes. */
export function useJobs(polling: boolean) {
  return useJobPages(polling, NO_FILTER, { enabled: true })
}

/** Those of them that match; nothing is asked for without a filter. */
export function useFoundJobs(polling: boolean, filter: JobFilter) {
  return useJobPages(polling, filter, { enabled: isFiltering(filter) })
}

function useJobPages(polling: boolean, filter: JobFilter, { enabled }: { enabled: boolean }) {
  return useInfiniteQuery({
    queryKey: listKey(filter),
    queryFn: async ({ pageParam, client: queries }) => {
      const page = await fetchJobs(filter, pageParam)
      return { ...page, items: page.items.filter(({ job_id }) => !isRemoved(queries, job_id)) }
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    structuralSharing: mergePages,
    refetchInterval: polling && POLL_MS,
    enabled,
  })
}

/** Ask for one job again: events do not carry all of it. */
export async function refreshJob(queries: QueryClient, job_id: string): Promise<void> {
  try {
    storeJob(queries, await fetchJob(job_id))
  } catch (error) {
    if (isGone(error)) return hideJob(queries, job_id)
    // The list is asked for more than once, and tells on the page when it cannot be had.
    await queries.invalidateQueries({ queryKey: jobsKey })
  }
}

/** How soon to ask again for a promise while files are read; the server waits with its answer. */
const READING_MS = 500
const PROMISE_MS = 15_000

const promiseKey = ['promise'] as const

/** What a job would make. The words of the prompt change nothing in it, so they ask nothing new. */
export function usePromise(request: JobRequest | null) {
  const { prompt: _prompt, negative_prompt: _negative, ...asked } = request ?? {}
  return useQuery(
    queryOptions({
      queryKey: [...promiseKey, asked],
      queryFn: () => fetchPromise(request as JobRequest),
      enabled: request !== null,
      refetchInterval: ({ state }) => (state.data?.checking ? READING_MS : PROMISE_MS),
      placeholderData: (previous) => previous,
      retry: false,
    }),
  )
}

export function refreshPromise(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: promiseKey })
}
