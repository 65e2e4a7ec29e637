import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { FakeEventSource } from '../test/FakeEventSource.ts'
import { event, job, wait } from '../test/factory.ts'
import { growing } from '../test/videos.ts'
import { allJobs } from './jobCache.ts'
import { useJobs } from './jobs.ts'
import { awayMessage, storeLine, useLine, withPlace } from './line.ts'
import { useLiveJobs } from './live.ts'
import type { Job, LinePlaces } from './types.ts'

const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })
const wrapper = ({ children }: { children: ReactNode }) => (
  <QueryClientProvider client={queries}>{children}</QueryClientProvider>
)

const WAITING = job({
  rev: 3,
  status: 'queued',
  stage: 'in_line',
  progress: 0,
  wait: wait({ position: 5 }),
})

let asked: PromiseWithResolvers<Response>[] = []

beforeEach(() => {
  queries.clear()
  asked = []
  FakeEventSource.opened = []
  vi.stubGlobal('EventSource', FakeEventSource)
  vi.spyOn(globalThis, 'fetch').mockImplementation(() => {
    const answer = Promise.withResolvers<Response>()
    asked.push(answer)
    return answer.promise
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

function useShownJobs() {
  useLiveJobs()
  const line = useLine(false)
  const { data } = useJobs(false)
  return allJobs(data).map((one) => withPlace(one, line))
}

function open() {
  const { result } = renderHook(useShownJobs, { wrapper })
  return { places: () => result.current.map((one) => one.wait?.position ?? null), result }
}

function places(...positions: number[]): LinePlaces {
  return { items: positions.map((position) => ({ job_id: 'job-1', wait: wait({ position }) })) }
}

function say(type: string, data: unknown): void {
  act(() => FakeEventSource.last.say(type, data))
}

async function answer(index: number, ...items: Job[]): Promise<void> {
  await waitFor(() => expect(asked.length).toBeGreaterThan(index))
  await act(async () => asked[index]?.resolve(Response.json({ items, next_cursor: null })))
}

/** A page that shows the waiting job, with its stream open and every request answered. */
async function openWaiting() {
  const opened = open()
  await answer(0, WAITING)
  say('hello', { last_id: 7 })
  await answer(1, WAITING)
  await waitFor(() => expect(opened.places()).toEqual([5]))
  return opened
}

test('a place changes with the line, and nothing is asked for', async () => {
  const { places: shown } = await openWaiting()
  say('line', places(3))
  await waitFor(() => expect(shown()).toEqual([3]))
  say('line', places(2))
  await waitFor(() => expect(shown()).toEqual([2]))
  expect(asked).toHaveLength(2)
})

test('an answer that a line event overtook does not take the place back', async () => {
  const { places: shown, result } = open()
  await answer(0, WAITING)
  say('hello', { last_id: 7 })
  say('line', places(2))
  await answer(1, { ...WAITING, rev: 4 })
  await waitFor(() => expect(result.current[0]?.rev).toBe(4))
  expect(shown()).toEqual([2])
})

test('a job that left the line has no place, whichever is told first', async () => {
  const { places: shown, result } = await openWaiting()
  say('line', places())
  await waitFor(() => expect(shown()).toEqual([null]))
  say('executing', event({ rev: 4, type: 'executing', progress: 0 }))
  await waitFor(() => expect(result.current).toMatchObject([{ stage: 'animating', wait: null }]))
  say('line', places(1))
  await waitFor(() => expect(shown()).toEqual([null]))
})

test('a job that joins the line has the place that was told before it', async () => {
  const { places: shown } = open()
  await answer(0, job({ stage: 'reading_files', status: 'uploaded', rev: 2 }))
  await waitFor(() => expect(shown()).toEqual([null]))
  say('line', places(4))
  say('queued', event({ rev: 3, type: 'queued', status: 'queued', stage: 'in_line', progress: 0 }))
  await waitFor(() => expect(shown()).toEqual([4]))
})

test('a job that waits for its owner is in no line, and still says what it waits for', async () => {
  const asked = wait({ reason: 'decision', position: null })
  const { result } = open()
  await answer(0, { ...WAITING, wait: asked })
  say('line', places())
  await waitFor(() => expect(result.current[0]?.wait).toEqual(asked))
})

test('a video that has grown is asked for, and shows the longer file', async () => {
  const { result } = open()
  const first = job({ segment_count: 3, segments_done: 1, growing: growing(1) })
  await answer(0, first)
  say('grown', event({ type: 'grown', segment_count: 3, segments_done: 2 }))
  await waitFor(() => expect(asked).toHaveLength(2))
  const longer = { ...first, rev: 4, segments_done: 2, growing: growing(2) }
  await act(async () => asked[1]?.resolve(Response.json(longer)))
  await waitFor(() => expect(result.current[0]?.growing).toEqual(growing(2)))
})

test('a place of a job that is not listed yet waits for it', async () => {
  const { places: shown } = open()
  say('hello', { last_id: 7 })
  say('line', places(4))
  await answer(0, WAITING)
  await waitFor(() => expect(shown()).toEqual([4]))
})

test('the line is no change of a job', async () => {
  const { result } = await openWaiting()
  say('line', places(1))
  await waitFor(() => expect(result.current[0]?.wait?.position).toBe(1))
  expect(result.current[0]?.rev).toBe(WAITING.rev)
  say('progress', event({ rev: 4 }))
  await waitFor(() => expect(result.current[0]?.rev).toBe(4))
})

test('a place stays while the stream is away and follows the new one', async () => {
  const { places: shown, result } = await openWaiting()
  say('line', places(3))
  await waitFor(() => expect(shown()).toEqual([3]))
  const first = FakeEventSource.last
  act(() => first.break())
  act(() => void window.dispatchEvent(new Event('online')))
  expect(FakeEventSource.last).not.toBe(first)
  say('hello', { last_id: 9 })
  await answer(2, { ...WAITING, rev: 4 })
  await waitFor(() => expect(result.current[0]?.rev).toBe(4))
  expect(shown()).toEqual([3])
  say('line', places(1))
  await waitFor(() => expect(shown()).toEqual([1]))
})

test('without a stream the line is asked for, until a stream tells', async () => {
  const { result } = renderHook(() => useLine(true), { wrapper })
  await waitFor(() => expect(asked).toHaveLength(1))
  await act(async () => asked[0]?.resolve(Response.json(places(6))))
  await waitFor(() => expect(result.current).toEqual(places(6)))
  void queries.refetchQueries()
  await waitFor(() => expect(asked).toHaveLength(2))
  act(() => storeLine(queries, places(2)))
  await act(async () => asked[1]?.resolve(Response.json(places(6))))
  await waitFor(() => expect(result.current).toEqual(places(2)))
})

test.each(['paused', 'no_renderer'] as const)('a line that is %s says so', (reason) => {
  const away = { job_id: 'job-2', wait: wait({ reason, message: 'Nothing starts.' }) }
  expect(awayMessage({ items: [...places(1).items, away] })).toBe('Nothing starts.')
})

test('a line that moves has no such words', () => {
  expect(awayMessage(undefined)).toBeNull()
  expect(awayMessage(places(1))).toBeNull()
})

test('a video that is deleted elsewhere vanishes, and comes back when it is restored', async () => {
  const { result } = open()
  await answer(0, job())
  await waitFor(() => expect(result.current).toHaveLength(1))
  say('deleted', event({ rev: 4, type: 'deleted' }))
  await waitFor(() => expect(result.current).toEqual([]))
  say('restored', event({ rev: 5, type: 'restored' }))
  await waitFor(() => expect(asked).toHaveLength(2))
  await act(async () => asked[1]?.resolve(Response.json(job({ rev: 5 }))))
  await waitFor(() => expect(result.current).toMatchObject([{ rev: 5 }]))
})

test('a video of another tab is asked for by itself, and listed', async () => {
  const { result } = open()
  await answer(0, job())
  await waitFor(() => expect(result.current).toHaveLength(1))
  say('accepted', event({ job_id: 'job-2', rev: 1, type: 'accepted' }))
  await waitFor(() => expect(asked).toHaveLength(2))
  await act(async () => asked[1]?.resolve(Response.json(job({ job_id: 'job-2', rev: 1 }))))
  await waitFor(() => expect(result.current.map((one) => one.job_id)).toEqual(['job-2', 'job-1']))
})
