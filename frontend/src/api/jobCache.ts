import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query'

import { isFiltering, matches, NO_FILTER, type JobFilter } from './jobFilter.ts'
import { isRemoved, noteRemoved } from './removed.ts'
import type { Job, JobEvent, JobPage } from './types.ts'

export type JobPages = InfiniteData<JobPage>

/** Of the list of all jobs. Filtered lists begin with it, so that all are reached by it. */
export const jobsKey = ['jobs'] as const
export const jobKey = (job_id: string) => ['job', job_id] as const

export function listKey(filter: JobFilter): QueryKey {
  return isFiltering(filter) ? [...jobsKey, filter] : jobsKey
}

const ENDED: ReadonlySet<Job['status']> = new Set(['completed', 'failed', 'cancelled'])

export function isEnded(job: Pick<Job, 'status'>): boolean {
  return ENDED.has(job.status)
}

/** The newer of two states of one job. An answer can be older than an event that overtook it. */
export function newerJob(known: Job | undefined, incoming: Job): Job {
  if (known === undefined) return incoming
  if (incoming.rev < known.rev) return known
  return { ...incoming, progress: Math.max(known.progress, incoming.progress) }
}

/** A job after an event; the same object when the event tells nothing new. */
export function applyEvent(job: Job, event: JobEvent): Job {
  if (event.rev <= job.rev) return job
  return {
    ...job,
    rev: event.rev,
    status: event.status,
    stage: event.stage,
    progress: Math.max(job.progress, event.progress),
    eta_seconds: event.eta_seconds ?? null,
    error: event.error ?? null,
    segment_count: event.segment_count ?? 1,
    segments_done: Math.max(job.segments_done, event.segments_done ?? 0),
    ...(event.stage === job.stage ? {} : { wait: null, queue_position: null }),
    updated_at: event.created_at,
  }
}

/**
 * Whether a job has to be asked for again after an event: its result, what there is to play and what
 * its owner can do now are no part of one.
 */
export function tellsMore(job: Job, event: JobEvent): boolean {
  if (event.rev <= job.rev || event.type === 'progress') return false
  return isEnded(event) || isEnded(job) || (event.segment_count ?? 1) > 1
}

/** Pages as they arrive, with what is known to be newer kept. */
export function mergePages(known: unknown, incoming: unknown): unknown {
  const jobs = new Map(allJobs(known as JobPages | undefined).map((job) => [job.job_id, job]))
  return mapItems(incoming as JobPages, (items) =>
    items.map((job) => newerJob(jobs.get(job.job_id), job)),
  )
}

/** Every loaded job once, newest first. A job can stand on two pages while new ones arrive. */
export function allJobs(pages: JobPages | undefined): Job[] {
  const jobs = (pages?.pages ?? []).flatMap((page) => page.items)
  return [...new Map(jobs.map((job) => [job.job_id, job])).values()]
}

function mapItems(pages: JobPages, change: (items: Job[]) => Job[]): JobPages {
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, items: change(page.items) })) }
}

function lists(queries: QueryClient): [QueryKey, JobPages][] {
  return queries
    .getQueriesData<JobPages>({ queryKey: jobsKey })
    .flatMap(([key, pages]) => (pages === undefined ? [] : [[key, pages]]))
}

/** What is known of a job, from any list or from the page of its own. */
export function findJob(queries: QueryClient, job_id: string): Job | undefined {
  const single = queries.getQueryData<Job>(jobKey(job_id))
  const listed = lists(queries).flatMap(([, pages]) => allJobs(pages))
  return [...listed, ...(single ? [single] : [])]
    .filter((job) => job.job_id === job_id)
    .reduce<Job | undefined>(newerJob, undefined)
}

/** Change one job wherever it is known. */
export function changeJob(queries: QueryClient, job_id: string, change: (job: Job) => Job): void {
  queries.setQueryData<Job>(jobKey(job_id), (job) => job && change(job))
  for (const [key, pages] of lists(queries)) {
    if (!allJobs(pages).some((job) => job.job_id === job_id)) continue
    const changed = (items: Job[]) =>
      items.map((job) => (job.job_id === job_id ? change(job) : job))
    queries.setQueryData<JobPages>(key, mapItems(pages, changed))
  }
}

/** Put one job's state in every list that it belongs to, among the others by its age. */
export function storeJob(queries: QueryClient, job: Job): void {
  if (isRemoved(queries, job.job_id)) return
  changeJob(queries, job.job_id, (known) => newerJob(known, job))
  for (const [key, pages] of lists(queries)) {
    const filter = (key[1] as JobFilter | undefined) ?? NO_FILTER
    const known = allJobs(pages).some(({ job_id }) => job_id === job.job_id)
    if (!known && matches(filter, job)) queries.setQueryData(key, insert(pages, job))
  }
}

/** The pages with a new job before the first older one; one that is older than all comes by itself. */
function insert(pages: JobPages, job: Job): JobPages {
  const at = Date.parse(job.created_at)
  const isOlder = (other: Job) => Date.parse(other.created_at) <= at
  const page = pages.pages.find(({ items }) => items.some(isOlder)) ?? endOf(pages)
  const put = (items: Job[]) => {
    const place = items.findIndex(isOlder)
    return items.toSpliced(place < 0 ? items.length : place, 0, job)
  }
  return {
    ...pages,
    pages: pages.pages.map((one) => (one === page ? { ...one, items: put(one.items) } : one)),
  }
}

function endOf(pages: JobPages): JobPage | undefined {
  const last = pages.pages.at(-1)
  return last?.next_cursor === null ? last : undefined
}

/** Take a job out of every list, and keep it out of answers that are still on their way. */
export function hideJob(queries: QueryClient, job_id: string): void {
  noteRemoved(queries, job_id)
  for (const [key, pages] of lists(queries)) {
    const others = (items: Job[]) => items.filter((job) => job.job_id !== job_id)
    queries.setQueryData<JobPages>(key, mapItems(pages, others))
  }
}
