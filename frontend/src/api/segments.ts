import { useQuery } from '@tanstack/react-query'

import { client, dataOf } from './client.ts'
import type { Job, JobSegment } from './types.ts'

/** The parts of a job's video, in order; undefined until they are known. */
export function useSegments(job: Job, { enabled }: { enabled: boolean }): JobSegment[] | undefined {
  const { job_id, status, segments_done, segment_count } = job
  const { data } = useQuery({
    // They change with these, and with nothing else.
    queryKey: ['segments', job_id, status, segments_done, segment_count],
    queryFn: () =>
      dataOf(client.GET('/api/jobs/{job_id}/segments', { params: { path: { job_id } } })),
    enabled,
    staleTime: Infinity,
    placeholderData: (previous) => previous,
  })
  return data?.items
}
