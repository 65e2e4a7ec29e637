import { useMemo } from 'react'

import { allJobs } from '../../api/jobCache.ts'
import { isFiltering, matches, type JobFilter } from '../../api/jobFilter.ts'
import { useFoundJobs, useJobs } from '../../api/jobs.ts'
import { withPlace } from '../../api/line.ts'
import { useAcceptedSince, useSubmittedJobs } from '../../api/submission.ts'
import type { Job, LinePlaces } from '../../api/types.ts'

type WallProps = {
  polling: boolean
  line: LinePlaces | undefined
  filter: JobFilter
  /** When it was set, in ISO format. */
  since: string
}

/** All jobs as far as they are loaded, and those that are shown. */
export function useWall({ polling, line, filter, since }: WallProps) {
  const whole = useJobs(polling)
  const found = useFoundJobs(polling, filter)
  const submitted = useSubmittedJobs()
  const accepted = useAcceptedSince(since)

  const filtering = isFiltering(filter)
  const list = filtering ? found : whole
  const loaded = useMemo(() => allJobs(whole.data), [whole.data])
  const shown = useMemo(() => {
    if (!filtering) return loaded
    // Until the answer is here, what is known of it.
    const listed = found.data ? allJobs(found.data) : loaded.filter((job) => matches(filter, job))
    return withAccepted(listed, loaded, accepted)
  }, [filtering, filter, found.data, loaded, accepted])

  return {
    all: useMemo(() => placed(submitted, loaded, line), [submitted, loaded, line]),
    shown: useMemo(() => placed(submitted, shown, line), [submitted, shown, line]),
    filtering,
    isPending: list.isPending,
    isError: list.isError,
    refetch: () => void list.refetch(),
    hasMore: list.hasNextPage,
    isLoadingMore: list.isFetchingNextPage,
    loadMore: () => void list.fetchNextPage({ cancelRefetch: false }),
  }
}

function placed(submitted: Job[], jobs: Job[], line: LinePlaces | undefined): Job[] {
  return [...submitted, ...jobs.map((job) => withPlace(job, line))]
}

/** What was submitted while the filter is on is seen, whether or not it matches. */
function withAccepted(listed: Job[], loaded: Job[], accepted: string[]): Job[] {
  const known = new Set(listed.map((job) => job.job_id))
  const others = loaded.filter(({ job_id }) => accepted.includes(job_id) && !known.has(job_id))
  return [...others, ...listed]
}
