import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'

import { client, dataOf } from './client.ts'
import { allJobs, isEnded, jobKey, jobsKey, newerJob, type JobPages } from './jobCache.ts'
import { POLL_MS } from './jobs.ts'
import type { Job } from './types.ts'

/** One job, from the list while it is asked for. Events keep it up to date, and the clock as well. */
export function useJob(job_id: string): UseQueryResult<Job> {
  const queries = useQueryClient()
  return useQuery({
    queryKey: jobKey(job_id),
    queryFn: () => dataOf<Job>(client.GET('/api/jobs/{job_id}', { params: { path: { job_id } } })),
    initialData: () =>
      allJobs(queries.getQueryData<JobPages>(jobsKey)).find((job) => job.job_id === job_id),
    initialDataUpdatedAt: () => queries.getQueryState(jobsKey)?.dataUpdatedAt,
    structuralSharing: (known, incoming) => newerJob(known as Job | undefined, incoming as Job),
    // No stream may be there to tell.
    refetchInterval: ({ state }) => state.data !== undefined && !isSettled(state.data) && POLL_MS,
  })
}

/** Whether nothing more comes: the event that a video is completed is a moment before its address. */
export function isSettled(job: Job): boolean {
  return isEnded(job) && !(job.status === 'completed' && job.output === null)
}

/** The jobs of the list as far as it is loaded, newest first. */
export function useLoadedJobs(): Job[] {
  const queries = useQueryClient()
  const pages = useSyncExternalStore(
    (onChange) => queries.getQueryCache().subscribe(onChange),
    () => queries.getQueryData<JobPages>(jobsKey),
  )
  return allJobs(pages)
}
