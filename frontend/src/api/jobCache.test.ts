import { QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'

import { event, job, wait } from '../test/factory.ts'
import { growing } from '../test/videos.ts'
import {
  allJobs,
  applyEvent,
  changeJob,
  hideJob,
  jobKey,
  jobsKey,
  listKey,
  mergePages,
  newerJob,
  storeJob,
  tellsMore,
  type JobPages,
} from './jobCache.ts'
import { NO_FILTER, type JobFilter } from './jobFilter.ts'
import type { Job } from './types.ts'

function pages(...jobs: Job[]): JobPages {
  return { pages: [{ items: jobs, next_cursor: null }], pageParams: [null] }
}

test('an event newer than the job is taken', () => {
  const after = applyEvent(job({ rev: 3 }), event({ rev: 4, stage: 'finishing', progress: 0.9 }))
  expect(after).toMatchObject({ rev: 4, stage: 'finishing', progress: 0.9 })
})

test.each([2, 3])('event %d of a job at 3 changes nothing', (rev) => {
  const before = job({ rev: 3 })
  expect(applyEvent(before, event({ rev, status: 'queued' }))).toBe(before)
})

test('a video that has grown tells how many parts are done, and loses nothing it had', () => {
  const before = job({ growing: growing(1), segment_count: 3, segments_done: 1, actions: ['keep'] })
  const grown = event({ type: 'grown', segment_count: 3, segments_done: 2 })
  expect(applyEvent(before, grown)).toMatchObject({
    status: 'executing',
    segments_done: 2,
    growing: growing(1),
    actions: ['keep'],
  })
  expect(tellsMore(before, grown)).toBe(true)
})

test('a failed video that is tried again runs, and keeps what it has', () => {
  const error = { code: 'generation_failure', message: 'No.', reference: 'F-1' } as const
  const failed = job({ rev: 7, status: 'failed', error, growing: growing(2), segments_done: 2 })
  const retried = event({ rev: 8, type: 'accepted', status: 'accepted', stage: 'reading_files' })
  expect(applyEvent(failed, retried)).toMatchObject({
    status: 'accepted',
    error: null,
    growing: growing(2),
    segments_done: 2,
  })
  expect(tellsMore(failed, retried)).toBe(true)
})

test.each([
  [{ type: 'progress', segment_count: 3 }, false],
  [{ type: 'executing', status: 'executing', segment_count: 1 }, false],
  [{ type: 'executing', status: 'executing', segment_count: 3 }, true],
  [{ type: 'completed', status: 'completed', segment_count: 1 }, true],
  [{ type: 'grown', segment_count: 3, rev: 3 }, false],
] as const)('whether %j is a reason to ask again', (part, more) => {
  expect(tellsMore(job({ rev: 3 }), event(part))).toBe(more)
})

test('progress never falls', () => {
  expect(applyEvent(job({ progress: 0.5 }), event({ progress: 0.4 })).progress).toBe(0.5)
  expect(newerJob(job({ progress: 0.5 }), job({ rev: 9, progress: 0.4 })).progress).toBe(0.5)
})

test('what a job waits for is forgotten with its stage', () => {
  const waiting = job({ stage: 'in_line', queue_position: 2, wait: wait({ position: 2 }) })
  const still = applyEvent(waiting, event({ stage: 'in_line' }))
  expect(still).toMatchObject({ queue_position: 2, wait: { position: 2 } })
  const rendering = applyEvent(waiting, event({ stage: 'animating' }))
  expect(rendering).toMatchObject({ queue_position: null, wait: null })
})

test('an answer that was overtaken by an event does not take the job back', () => {
  const known = pages(job({ rev: 9, status: 'completed', progress: 1 }))
  const late = pages(job({ rev: 5, status: 'executing', progress: 0.6 }))
  expect(allJobs(mergePages(known, late) as JobPages)[0]).toMatchObject({
    rev: 9,
    status: 'completed',
  })
})

test('an answer of the same revision brings what events do not carry', () => {
  const known = pages(job({ rev: 5, queue_position: null }))
  const same = pages(job({ rev: 5, queue_position: 4 }))
  expect(allJobs(mergePages(known, same) as JobPages)[0]?.queue_position).toBe(4)
})

test('an event that arrives while the list is asked for is kept', async () => {
  const queries = new QueryClient()
  queries.setQueryDefaults(jobsKey, { structuralSharing: mergePages })
  queries.setQueryData(jobsKey, pages(job({ rev: 3 })))
  const answer = Promise.withResolvers<JobPages>()
  const fetched = queries.fetchQuery({ queryKey: jobsKey, queryFn: () => answer.promise })
  storeJob(queries, job({ rev: 7, status: 'completed' }))
  answer.resolve(pages(job({ rev: 4 })))
  await fetched
  expect(allJobs(queries.getQueryData(jobsKey))[0]).toMatchObject({ rev: 7, status: 'completed' })
})

test('a new job is stored on top and a known one where it stands', () => {
  const queries = new QueryClient()
  queries.setQueryData(jobsKey, pages(job({ job_id: 'a' }), job({ job_id: 'b' })))
  storeJob(queries, job({ job_id: 'c' }))
  storeJob(queries, job({ job_id: 'b', rev: 8 }))
  const jobs = allJobs(queries.getQueryData(jobsKey))
  expect(jobs.map(({ job_id, rev }) => [job_id, rev])).toEqual([
    ['c', 3],
    ['a', 3],
    ['b', 8],
  ])
})

test('a job that stands on two pages is listed once', () => {
  const page = { items: [job()], next_cursor: null }
  expect(allJobs({ pages: [page, page], pageParams: [null, 'x'] })).toHaveLength(1)
})

function listed(queries: QueryClient, filter: JobFilter = NO_FILTER): string[] {
  return allJobs(queries.getQueryData(listKey(filter))).map(({ job_id }) => job_id)
}

function at(minute: number): string {
  return `2026-11-22T12:0${minute}:00Z`
}

test('a job is put among the others by its age', () => {
  const queries = new QueryClient()
  queries.setQueryData(
    jobsKey,
    pages(job({ job_id: 'new', created_at: at(5) }), job({ job_id: 'old', created_at: at(1) })),
  )
  storeJob(queries, job({ job_id: 'between', created_at: at(3) }))
  storeJob(queries, job({ job_id: 'oldest', created_at: at(0) }))
  expect(listed(queries)).toEqual(['new', 'between', 'old', 'oldest'])
})

test('a new job is in the filtered lists that it belongs to, and stays where it was shown', () => {
  const queries = new QueryClient()
  const running = { ...NO_FILTER, state: 'running' } as const
  const sea = { ...NO_FILTER, search: 'sea' }
  for (const filter of [NO_FILTER, running, sea]) queries.setQueryData(listKey(filter), pages())
  storeJob(queries, job())
  expect([listed(queries), listed(queries, running), listed(queries, sea)]).toEqual([
    ['job-1'],
    ['job-1'],
    [],
  ])
  storeJob(queries, job({ rev: 4, status: 'completed' }))
  expect(listed(queries, running)).toEqual(['job-1'])
})

test('a change reaches every list and the page of a job', () => {
  const queries = new QueryClient()
  const found = { ...NO_FILTER, search: 'dancer' }
  for (const key of [jobsKey, listKey(found)]) queries.setQueryData(key, pages(job()))
  queries.setQueryData(jobKey('job-1'), job())
  changeJob(queries, 'job-1', (known) => applyEvent(known, event({ progress: 0.8 })))
  const progress = [
    allJobs(queries.getQueryData(jobsKey))[0],
    allJobs(queries.getQueryData(listKey(found)))[0],
    queries.getQueryData<Job>(jobKey('job-1')),
  ].map((known) => known?.progress)
  expect(progress).toEqual([0.8, 0.8, 0.8])
})

test('a deleted job is in no list, and late answers do not bring it back', () => {
  const queries = new QueryClient()
  queries.setQueryData(jobsKey, pages(job()))
  hideJob(queries, 'job-1')
  storeJob(queries, job({ rev: 9 }))
  expect(listed(queries)).toEqual([])
})
