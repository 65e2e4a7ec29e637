import { client, dataOf, POLL_MS, usePolled, type Admin } from '../../api.ts'
import { isEnded } from '../../lib/status.ts'
import { Loading, PageHeader, Problem } from '../../lib/ui/index.ts'
import { JobActions } from './JobActions.tsx'
import { JobDetails } from './JobDetails.tsx'
import { JobTitle } from './JobTitle.tsx'
import { Overview } from './Overview.tsx'
import { WhyItFailed } from './WhyItFailed.tsx'

/** What is over changes only when somebody has it changed. */
const ENDED_POLL_MS = 10_000

/** Everything of a job. What decides why it failed comes first. */
export default function JobPage({ jobId: job_id }: { jobId: string }) {
  const { data, error, refetch } = usePolled(
    ['job', job_id],
    (): Promise<Admin<'JobRecord'>> =>
      dataOf(client.GET('/api/admin/jobs/{job_id}', { params: { path: { job_id } } })),
    { everyMs: (known) => (known && isEnded(known.status) ? ENDED_POLL_MS : POLL_MS) },
  )
  return (
    <>
      {data ? (
        <JobTitle record={data} actions={<JobActions record={data} />} />
      ) : (
        <PageHeader title={`Job ${job_id.slice(0, 8)}`} />
      )}
      {error && (
        <Problem
          lead={data ? 'This is not up to date.' : "This job can't be shown."}
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {data && (
        <>
          <WhyItFailed record={data} />
          <Overview record={data} />
          <JobDetails record={data} />
        </>
      )}
      {!data && !error && <Loading rows={10} />}
    </>
  )
}
