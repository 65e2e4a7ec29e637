import { client, dataOf, usePolled, type Admin } from '../../api.ts'
import { Loading, PageHeader, Problem } from '../../lib/ui/index.ts'
import { JobActions } from './JobActions.tsx'
import { JobDetails } from './JobDetails.tsx'
import { JobTitle } from './JobTitle.tsx'
import { Overview } from './Overview.tsx'
import { WhyItFailed } from './WhyItFailed.tsx'

/** Everything of a job. What decides why it failed comes first. */
export default function JobPage({ jobId: job_id }: { jobId: string }) {
  const { data, error, refetch } = usePolled(['job', job_id], (): Promise<Admin<'JobRecord'>> =>
    dataOf(client.GET('/api/admin/jobs/{job_id}', { params: { path: { job_id } } })),
  )
  return (
    <>
      {data ? (
        <JobTitle record={data} actions={<JobActions record={data} />} />
      ) : (
        <PageHeader title={`Job ${job_id.slice(0, 8)}`} />
      )}
      {error && (
        <Problem lead="This job can't be shown." error={error} onRetry={() => void refetch()} />
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
