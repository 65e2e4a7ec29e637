import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { openEventStream } from '../lib/eventStream.ts'
import {
  allJobs,
  applyEvent,
  isEnded,
  jobsKey,
  mapJobs,
  tellsMore,
  type JobPages,
} from './jobCache.ts'
import { refreshJob, refreshPromise } from './jobs.ts'
import { storeLine } from './line.ts'
import type { JobEvent, LinePlaces } from './types.ts'

/** connecting: first try. reconnecting: lost for 2 s. polling: lost for 30 s. */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'polling'

const TYPES = [
  'accepted',
  'uploaded',
  'queued',
  'executing',
  'progress',
  'grown',
  'collecting_outputs',
  'cancelling',
  'completed',
  'failed',
  'cancelled',
] as const

const RECONNECTING_AFTER_MS = 2_000
const POLLING_AFTER_MS = 30_000

function onEvent(queries: QueryClient, event: JobEvent): void {
  const pages = queries.getQueryData<JobPages>(jobsKey)
  const known = allJobs(pages).find((job) => job.job_id === event.job_id)
  if (known === undefined) {
    void queries.invalidateQueries({ queryKey: jobsKey })
    return
  }
  queries.setQueryData<JobPages>(
    jobsKey,
    (pages) =>
      pages &&
      mapJobs(pages, (job) => (job.job_id === event.job_id ? applyEvent(job, event) : job)),
  )
  if (tellsMore(known, event)) void refreshJob(queries, event.job_id)
  if (isEnded(event)) void refreshPromise(queries)
}

function onMessage(queries: QueryClient, type: string, data: string): void {
  if (type === 'line') storeLine(queries, JSON.parse(data) as LinePlaces)
  else onEvent(queries, JSON.parse(data) as JobEvent)
}

/** Keep the list of jobs up to date from the one event stream of this tab. */
export function useLiveJobs(): Connection {
  const queries = useQueryClient()
  const [connection, setConnection] = useState<Connection>('connecting')

  useEffect(() => {
    let late: ReturnType<typeof setTimeout>[] = []
    const settle = () => {
      for (const timer of late) clearTimeout(timer)
      late = []
    }
    const onDown = () => {
      if (late.length > 0) return
      late = [
        setTimeout(() => setConnection('reconnecting'), RECONNECTING_AFTER_MS),
        setTimeout(() => setConnection('polling'), POLLING_AFTER_MS),
      ]
    }
    const close = openEventStream({
      url: '/api/events',
      types: TYPES,
      unnumbered: ['line'],
      onMessage: (type, data) => onMessage(queries, type, data),
      onLive: () => {
        settle()
        setConnection('live')
        void queries.invalidateQueries({ queryKey: jobsKey })
      },
      onDown,
    })
    return () => {
      settle()
      close()
    }
  }, [queries])

  return connection
}
