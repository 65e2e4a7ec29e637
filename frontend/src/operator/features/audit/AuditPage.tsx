import { useMemo } from 'react'

import { Button } from '../../../components/Button.tsx'
import { useDebounced } from '../../../lib/useDebounced.ts'
import { Loading, PageHeader, Problem } from '../../lib/ui/index.ts'
import { useFilters } from '../../lib/useFilters.ts'
import { AuditFilterBar } from './AuditFilterBar.tsx'
import { AuditTable } from './AuditTable.tsx'
import { Exports } from './Exports.tsx'
import { NAMES, type AuditQuery } from './filter.ts'
import { useAudit } from './useAudit.ts'

const TYPING_MS = 250

/** What operators changed, when and why; the address holds what is looked for. */
export function AuditPage() {
  const [filters, setFilters] = useFilters(NAMES)
  // A text, so that equal filters are no change.
  const settled = useDebounced(JSON.stringify(filters), TYPING_MS)
  const query = useMemo((): AuditQuery => JSON.parse(settled), [settled])
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useAudit(query)
  const lines = data?.pages.flatMap(({ items }) => items)
  return (
    <>
      <PageHeader title="Audit" actions={<Exports query={query} />} />
      <AuditFilterBar filters={filters} onChange={setFilters} />
      {error && (
        <Problem lead="The audit can't be shown." error={error} onRetry={() => void refetch()} />
      )}
      {lines ? (
        <AuditTable lines={lines} filtered={Object.keys(query).length > 0} />
      ) : (
        !error && <Loading rows={8} />
      )}
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
