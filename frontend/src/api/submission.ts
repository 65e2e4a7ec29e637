import {
  notifyManager,
  skipToken,
  useMutation,
  useMutationState,
  useQuery,
  useQueryClient,
  type QueryClient,
} from '@tanstack/react-query'
import { useMemo } from 'react'

import { onceSignedIn } from '../lib/signedIn.ts'
import { client, dataOf } from './client.ts'
import { jobsKey, storeJob } from './jobCache.ts'
import { refreshPromise } from './jobs.ts'
import { isPassing, isSignedOut } from './problem.ts'
import type { Job, JobRequest } from './types.ts'

/** One press of Generate. key: the same on every retry, so that it makes one job at most. */
export type Submission = { key: string; request: JobRequest; posterUrl: string | null; at: string }

export const submitKey = ['submit-job'] as const
/** Of the presses that were answered. */
const answeredKey = ['answered'] as const
const NONE: string[] = []

function postJob({ key, request }: Submission): Promise<Job> {
  const params = { header: { 'idempotency-key': key } }
  return request.mode === 'animate'
    ? dataOf(client.POST('/api/jobs/animate', { params, body: request }))
    : dataOf(client.POST('/api/jobs/audio-performance', { params, body: request }))
}

export function useSubmitJob() {
  const queries = useQueryClient()
  return useMutation({
    mutationKey: submitKey,
    mutationFn: (submission: Submission) => onceSignedIn(() => postJob(submission), isSignedOut),
    retry: (count, error) => count < 3 && isPassing(error),
    onSuccess: (job, { key }) => {
      takeOver(queries, job, key)
      void queries.invalidateQueries({ queryKey: jobsKey })
      // Who orders another one now has this one ahead.
      void refreshPromise(queries)
    },
  })
}

/** Put a job in the place of the one that was expected, with nothing in between to be seen. */
function takeOver(queries: QueryClient, job: Job, key: string): void {
  notifyManager.batch(() => {
    queries.setQueryData<string[]>(answeredKey, (keys = []) => [...keys, key])
    storeJob(queries, job)
  })
}

/** Jobs that were asked for and not yet answered, as they will look. */
export function useSubmittedJobs(): Job[] {
  const submissions = useMutationState({
    filters: { mutationKey: submitKey, status: 'pending' },
    select: (mutation) => mutation.state.variables as Submission,
  })
  const { data: answered = NONE } = useQuery<string[]>({
    queryKey: answeredKey,
    queryFn: skipToken,
  })
  return useMemo(
    () =>
      submissions
        .filter(({ key }) => !answered.includes(key))
        .map(expectedJob)
        .toReversed(),
    [submissions, answered],
  )
}

/** The ids of jobs that were accepted from this tab, if they were asked for after a time (ISO). */
export function useAcceptedSince(since: string): string[] {
  const accepted = useMutationState({
    filters: { mutationKey: submitKey, status: 'success' },
    select: ({ state }) => ({
      job_id: (state.data as Job).job_id,
      at: (state.variables as Submission).at,
    }),
  })
  return useMemo(
    () => accepted.filter(({ at }) => at >= since).map(({ job_id }) => job_id),
    [accepted, since],
  )
}

function expectedJob({ key, request, posterUrl, at }: Submission): Job {
  return {
    job_id: key,
    mode: request.mode ?? 'animate',
    workflow_template: '',
    status: 'accepted',
    rev: 0,
    stage: 'reading_files',
    progress: 0,
    queue_position: null,
    wait: null,
    eta_seconds: null,
    error: null,
    submitted_by: '',
    prompt: request.prompt,
    negative_prompt: request.negative_prompt ?? '',
    settings_json: request,
    seed: request.seed ?? 0,
    comfy_prompt_id: null,
    poster_url: posterUrl,
    output: null,
    segment_count: 1,
    segments_done: 0,
    growing: null,
    warnings: [],
    actions: ['cancel'],
    origin: null,
    created_at: at,
    updated_at: at,
  }
}
