import { useLocation } from 'wouter'

import { useLoadedJobs } from '../../api/job.ts'
import type { Job } from '../../api/types.ts'

export function viewerPath(job_id: string): string {
  return `/v/${job_id}`
}

/** The results before and after one in the list; null where there is none. */
export function neighboursOf(jobs: Job[], job_id: string) {
  const shown = jobs.filter((job) => job.output !== null || job.job_id === job_id)
  const at = shown.findIndex((job) => job.job_id === job_id)
  if (at < 0) return { newer: null, older: null }
  return { newer: shown[at - 1]?.job_id ?? null, older: shown[at + 1]?.job_id ?? null }
}

/** How to turn to the results beside one; null where there is none. */
export function useNeighbours(job_id: string) {
  const [, navigate] = useLocation()
  const { newer, older } = neighboursOf(useLoadedJobs(), job_id)
  // In its place: one press of Back leads out, however many were looked at.
  const turnTo = (id: string | null) =>
    id === null
      ? null
      : () => navigate(viewerPath(id), { replace: true, state: history.state as unknown })
  return { onNewer: turnTo(newer), onOlder: turnTo(older) }
}
