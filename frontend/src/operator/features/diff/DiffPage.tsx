import { client, dataOf, usePolled, type Admin } from '../../api.ts'
import { jobHref } from '../../lib/sought.ts'
import { AppLink, JobId, Loading, PageHeader, Problem } from '../../lib/ui/index.ts'
import { DiffTable } from './DiffTable.tsx'

type DiffPageProps = { left: string; right: string }

/** What differs between two jobs, value by value. */
export default function DiffPage({ left, right }: DiffPageProps) {
  const { data, error, refetch } = usePolled(
    ['diff', left, right],
    (): Promise<Admin<'JobDiff'>> =>
      dataOf(
        client.GET('/api/admin/jobs/{left}/diff/{right}', { params: { path: { left, right } } }),
      ),
    { everyMs: false },
  )
  return (
    <>
      <PageHeader
        title="Two jobs compared"
        hint={
          <>
            <AppLink href={jobHref(left)}>
              <JobId id={left} />
            </AppLink>{' '}
            and{' '}
            <AppLink href={jobHref(right)}>
              <JobId id={right} />
            </AppLink>
            : request, settings, template, seed and what was bound in each stored segment.
          </>
        }
      />
      {error && (
        <Problem lead="They can't be compared." error={error} onRetry={() => void refetch()} />
      )}
      {data && <DiffTable diff={data} />}
      {!data && !error && <Loading />}
    </>
  )
}
