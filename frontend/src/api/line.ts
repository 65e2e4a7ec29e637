import { useQuery, type QueryClient } from '@tanstack/react-query'

import { client, dataOf } from './client.ts'
import { POLL_MS } from './jobs.ts'
import type { Job, LinePlaces, Wait } from './types.ts'

const lineKey = ['line'] as const

const AWAY: ReadonlySet<Wait['reason']> = new Set(['paused', 'no_renderer'])

/** Where the caller's waiting jobs stand, as told last. polling: ask for it, for no stream tells. */
export function useLine(polling: boolean): LinePlaces | undefined {
  const { data } = useQuery({
    queryKey: lineKey,
    queryFn: () => dataOf(client.GET('/api/line')),
    enabled: polling,
    refetchInterval: POLL_MS,
  })
  return data
}

export function storeLine(queries: QueryClient, line: LinePlaces): void {
  // An answer that is still on its way was overtaken.
  void queries.cancelQueries({ queryKey: lineKey })
  queries.setQueryData(lineKey, line)
}

/**
 * A job with its place. The line is newer than any list of jobs: who is not in it has none, and may
 * only wait for its owner.
 */
export function withPlace(job: Job, line: LinePlaces | undefined): Job {
  if (line === undefined || job.stage !== 'in_line') return job
  const place = line.items.find(({ job_id }) => job_id === job.job_id)
  const wait = place?.wait ?? (job.wait?.reason === 'decision' ? job.wait : null)
  return { ...job, wait, queue_position: wait?.position ?? null }
}

/** Why nothing is rendered for the caller at all, in words; null while things move. */
export function awayMessage(line: LinePlaces | undefined): string | null {
  return line?.items.find(({ wait }) => AWAY.has(wait.reason))?.wait.message ?? null
}
