import { useMutation, useQueryClient } from '@tanstack/react-query'

import { client, dataOf } from './client.ts'
import { jobsKey, storeJob } from './jobCache.ts'
import { refreshPromise } from './jobs.ts'
import { isPassing } from './problem.ts'
import type { Job, JobAction } from './types.ts'

/** What changes the job it is asked of. */
export type OwnAction = Exclude<JobAction, 'again'>

const PATHS = {
  cancel: '/api/jobs/{job_id}/cancel',
  keep: '/api/jobs/{job_id}/keep',
  continue: '/api/jobs/{job_id}/continue',
  retry: '/api/jobs/{job_id}/retry',
} as const

/** One of the things an owner can do with a job. */
export function useJobAction(action: OwnAction) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (job_id: string) =>
      dataOf<Job>(client.POST(PATHS[action], { params: { path: { job_id } } })),
    onSuccess: (job) => {
      storeJob(queries, job)
      void refreshPromise(queries)
    },
  })
}

/** One press of "Make again". key: the same on every retry, so that it makes one take at most. */
export type Again = { index: number; key: string }

/** Have a part of a job's video, and all that follows it, made once more: as a job of its own. */
export function useMakeAgain(job_id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ index, key }: Again) =>
      dataOf<Job>(
        client.POST('/api/jobs/{job_id}/segments/{index}/again', {
          params: { path: { job_id, index }, header: { 'idempotency-key': key } },
          body: {},
        }),
      ),
    retry: (count, error) => count < 3 && isPassing(error),
    onSuccess: (job) => {
      storeJob(queries, job)
      // The older one ends with what it has when it still runs.
      void queries.invalidateQueries({ queryKey: jobsKey })
      void refreshPromise(queries)
    },
  })
}
