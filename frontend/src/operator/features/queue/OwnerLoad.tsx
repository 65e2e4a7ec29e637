import type { Admin } from '../../api.ts'
import { jobsWith } from '../../lib/sought.ts'
import { AppLink, Since, Table, type Column } from '../../lib/ui/index.ts'

type OwnerQueue = Admin<'OwnerQueue'>

const COLUMNS: Column<OwnerQueue>[] = [
  { head: 'Owner', cell: ({ owner }) => <AppLink href={jobsWith({ owner })}>{owner}</AppLink> },
  { head: 'Waiting', atEnd: true, cell: ({ waiting }) => waiting },
  { head: 'Running', atEnd: true, cell: ({ running }) => running },
  { head: 'Weight', atEnd: true, cell: ({ weight }) => weight },
  {
    head: 'Longest wait',
    atEnd: true,
    cell: ({ oldest_queued_at }) => <Since at={oldest_queued_at} />,
  },
]

/** Whose jobs wait and run. weight: the share of the backends relative to the others who wait. */
export function OwnerLoad({ owners }: { owners: OwnerQueue[] }) {
  return (
    <Table
      caption="Load by owner"
      columns={COLUMNS}
      rows={owners}
      rowKey={({ owner }) => owner}
      empty="Nobody's jobs wait or run."
      testId="owner-load"
    />
  )
}
