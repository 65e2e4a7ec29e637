import {
  useMutation,
  useMutationState,
  useQueryClient,
  type Mutation,
  type MutationStatus,
  type QueryClient,
} from '@tanstack/react-query'

import { client, dataOf } from './client.ts'
import { hideJob, jobKey, jobsKey, storeJob } from './jobCache.ts'
import { refreshPromise } from './jobs.ts'
import { isGone, isPassing } from './problem.ts'
import { noteRestored } from './removed.ts'
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

const removeKey = ['remove-job'] as const
const restoreKey = ['restore-job'] as const

/** One after the other: a video can only be brought back when it is deleted. */
const ONE_BY_ONE = {
  scope: { id: 'removal' },
  retry: (count: number, error: Error) => count < 3 && isPassing(error),
}

async function deleteJob({ job_id }: Job): Promise<void> {
  try {
    await client.DELETE('/api/jobs/{job_id}', { params: { path: { job_id } } })
  } catch (error) {
    // By another tab, or by the try before whose answer was lost.
    if (!isGone(error)) throw error
  }
}

/** Delete a job that has ended. It is gone from the page at once, and can be restored for a while. */
export function useRemoveJob() {
  const queries = useQueryClient()
  return useMutation({
    ...ONE_BY_ONE,
    mutationKey: removeKey,
    mutationFn: deleteJob,
    onMutate: ({ job_id }) => hideJob(queries, job_id),
    onSuccess: (_, { job_id }) =>
      queries.removeQueries({ queryKey: jobKey(job_id), type: 'inactive' }),
    onError: (_, job) => showAgain(queries, job),
  })
}

/** Take a deletion back. */
export function useRestoreJob() {
  const queries = useQueryClient()
  return useMutation({
    ...ONE_BY_ONE,
    mutationKey: restoreKey,
    mutationFn: ({ job_id }: Job) =>
      dataOf<Job>(client.POST('/api/jobs/{job_id}/restore', { params: { path: { job_id } } })),
    onMutate: (job) => showAgain(queries, job),
    onSuccess: (job) => showAgain(queries, job),
    onError: (_, { job_id }) => hideJob(queries, job_id),
  })
}

function showAgain(queries: QueryClient, job: Job): void {
  noteRestored(queries, job.job_id)
  storeJob(queries, job)
}

/** A deletion, or the taking back of one. at: in milliseconds since 1970. */
export type Removal = { job: Job; at: number; status: MutationStatus; error: unknown }

/** What was deleted in this tab, oldest first, and what of it was taken back. */
export function useRemovals(): { removed: Removal[]; restored: Removal[] } {
  const removed = useMutationState({ filters: { mutationKey: removeKey }, select: removalOf })
  const restored = useMutationState({ filters: { mutationKey: restoreKey }, select: removalOf })
  return { removed, restored }
}

function removalOf({ state }: Mutation): Removal {
  const { variables, submittedAt, status, error } = state
  return { job: variables as Job, at: submittedAt, status, error }
}
