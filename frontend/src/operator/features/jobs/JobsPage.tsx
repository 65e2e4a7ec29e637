import { useMemo } from 'react'

import { Button } from '../../../components/Button.tsx'
import { useDebounced } from '../../../lib/useDebounced.ts'
import { Loading, PageHeader, Problem } from '../../lib/ui/index.ts'
import { useFilters } from '../../lib/useFilters.ts'
import { NAMES, queryOf } from './filter.ts'
import { JobFilterBar } from './JobFilterBar.tsx'
import { JobTable } from './JobTable.tsx'
import { useFoundJobs } from './useFoundJobs.ts'

const TYPING_MS = 250

/** All jobs of all owners; the address holds what is looked for. */
export default function JobsPage() {
  const [filters, setFilters] = useFilters(NAMES)
  // A text, so that equal filters are no change.
  const settled = useDebounced(JSON.stringify(filters), TYPING_MS)
  const query = useMemo(() => queryOf(JSON.parse(settled)), [settled])
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useFoundJobs(query)
  const jobs = data?.pages.flatMap(({ items }) => items)
  return (
    <>
      <PageHeader title="Jobs" />
      <JobFilterBar filters={filters} onChange={setFilters} />
      {error && (
        <Problem lead="The jobs can't be listed." error={error} onRetry={() => void refetch()} />
      )}
      {jobs ? <JobTable jobs={jobs} filters={filters} /> : !error && <Loading rows={8} />}
      {hasNextPage && (
        <Button
          data-testid="older"
          disabled={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {isFetchingNextPage ? 'Loading…' : 'Older'}
        </Button>
      )}
    </>
  )
}
