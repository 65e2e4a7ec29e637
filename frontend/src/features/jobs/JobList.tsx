import type { ReactNode } from 'react'

import { allJobs } from '../../api/jobCache.ts'
import { useJobs } from '../../api/jobs.ts'
import { withPlace } from '../../api/line.ts'
import { useSubmittedJobs } from '../../api/submission.ts'
import type { Job, LinePlaces } from '../../api/types.ts'
import { Button } from '../../components/Button.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'
import { JobCard } from './JobCard.tsx'
import { useTabTitle } from './useTabTitle.ts'

type JobListProps = {
  polling: boolean
  line: LinePlaces | undefined
  onReuse: (job: Job) => void
  /** What stands here before there is a first video. */
  whenEmpty: ReactNode
  placeholder: ReactNode
}

/** Runs and results in one list, newest first; the newest stands out. */
export default function JobList({ polling, line, onReuse, whenEmpty, placeholder }: JobListProps) {
  const { data, isPending, isError, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useJobs(polling)
  const submitted = useSubmittedJobs()
  const jobs = [...submitted, ...allJobs(data).map((job) => withPlace(job, line))]
  useTabTitle(jobs)

  if (jobs.length === 0 && isPending) return placeholder
  if (jobs.length === 0 && !isError) return whenEmpty

  return (
    <section aria-labelledby="videos" className="space-y-4">
      <h2 id="videos" className="text-base font-semibold">
        Your videos
      </h2>
      {isError && (
        <NoteLine
          tone="bad"
          action={
            <Button look="quiet" onClick={() => void refetch()}>
              Try again
            </Button>
          }
        >
          We cannot load your videos right now.
        </NoteLine>
      )}
      <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3" data-testid="job-list">
        {jobs.map((job) => (
          <li key={job.job_id} className="@container min-w-0 first:col-span-full">
            <JobCard job={job} onReuse={onReuse} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <div className="text-center">
          <Button
            data-testid="show-more"
            disabled={isFetchingNextPage}
            onClick={() => void fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </section>
  )
}
