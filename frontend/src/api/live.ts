import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { openEventStream } from '../lib/eventStream.ts'
import { tellSignedOut } from '../lib/signedIn.ts'
import {
  applyEvent,
  changeJob,
  findJob,
  hideJob,
  isEnded,
  jobKey,
  jobsKey,
  tellsMore,
} from './jobCache.ts'
import { refreshJob, refreshPromise } from './jobs.ts'
import { storeLine } from './line.ts'
import { noteRestored } from './removed.ts'
import { submitKey } from './submission.ts'
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
  'deleted',
  'restored',
] as const

const RECONNECTING_AFTER_MS = 2_000
const POLLING_AFTER_MS = 30_000

function onEvent(queries: QueryClient, event: JobEvent): void {
  const { job_id, type } = event
  if (type === 'deleted') return onDeleted(queries, job_id)
  if (type === 'restored') noteRestored(queries, job_id)
  const known = findJob(queries, job_id)
  if (known === undefined) return onUnknown(queries, event)
  changeJob(queries, job_id, (job) => applyEvent(job, event))
  if (tellsMore(known, event)) void refreshJob(queries, job_id)
  if (isEnded(event)) void refreshPromise(queries)
}

function onDeleted(queries: QueryClient, job_id: string): void {
  hideJob(queries, job_id)
  // Whoever looks at it by itself is told so; nobody else needs it.
  void queries.invalidateQueries({ queryKey: jobKey(job_id) })
  queries.removeQueries({ queryKey: jobKey(job_id), type: 'inactive' })
}

function onUnknown(queries: QueryClient, event: JobEvent): void {
  // A list that is asked for at this moment may be answered from before.
  if (queries.getQueryData(jobsKey) === undefined) {
    void queries.invalidateQueries({ queryKey: jobsKey })
  } else if (event.type !== 'progress' && queries.isMutating({ mutationKey: submitKey }) === 0) {
    // While one is submitted here, its answer tells, and the list is asked for after it.
    void refreshJob(queries, event.job_id)
  }
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
      // A stream that ends does not say why: it may be that nobody is signed in any more.
      tellSignedOut()
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
