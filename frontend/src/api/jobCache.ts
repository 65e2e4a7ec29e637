import type { InfiniteData, QueryClient } from '@tanstack/react-query'

import type { Job, JobEvent, JobPage } from './types.ts'

export type JobPages = InfiniteData<JobPage>

export const jobsKey = ['jobs'] as const

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
  return mapJobs(incoming as JobPages, (job) => newerJob(jobs.get(job.job_id), job))
}

/** Every loaded job once, newest first. A job can stand on two pages while new ones arrive. */
export function allJobs(pages: JobPages | undefined): Job[] {
  const jobs = (pages?.pages ?? []).flatMap((page) => page.items)
  return [...new Map(jobs.map((job) => [job.job_id, job])).values()]
}

export function mapJobs(pages: JobPages, change: (job: Job) => Job): JobPages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, items: page.items.map(change) })),
  }
}

/** Put one job's state in the list, at the top when it is new. */
export function storeJob(queries: QueryClient, job: Job): void {
  queries.setQueryData<JobPages>(jobsKey, (pages) => {
    if (pages === undefined) return pages
    if (allJobs(pages).some((known) => known.job_id === job.job_id)) {
      return mapJobs(pages, (known) => (known.job_id === job.job_id ? newerJob(known, job) : known))
    }
    const [first, ...rest] = pages.pages
    if (first === undefined) return pages
    return { ...pages, pages: [{ ...first, items: [job, ...first.items] }, ...rest] }
  })
}
