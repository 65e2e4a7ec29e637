import type { Admin } from '../../api.ts'
import { auditHref } from '../../lib/subject.ts'
import { AppLink, Badge, Duration, Moment, Table, type Column } from '../../lib/ui/index.ts'
import { secondsBetween, sizeWords } from '../../lib/words.ts'

type RetentionRun = Admin<'RetentionRun'>

const COLUMNS: Column<RetentionRun>[] = [
  { head: 'Started', cell: ({ started_at }) => <Moment at={started_at} /> },
  { head: 'By', cell: ({ who }) => who },
  { head: 'Reason', className: 'min-w-40', cell: ({ why }) => why },
  {
    head: 'Took',
    atEnd: true,
    cell: ({ started_at, ended_at }) =>
      ended_at === null ? (
        <Badge tone="busy">runs</Badge>
      ) : (
        <Duration seconds={secondsBetween(started_at, ended_at)} />
      ),
  },
  { head: 'Objects removed', atEnd: true, cell: ({ objects }) => objects },
  {
    head: 'Freed',
    atEnd: true,
    className: 'whitespace-nowrap',
    cell: ({ size_bytes }) => sizeWords(size_bytes),
  },
  {
    head: 'By rule',
    cell: ({ run_id, ended_at }) =>
      ended_at && <AppLink href={auditHref(`retention/${run_id}`)}>Audit</AppLink>,
  },
]

/** The last runs and what they removed; by rule, in the audit. */
export function RunTable({ runs }: { runs: RetentionRun[] }) {
  return (
    <Table
      caption="Runs of the retention, newest first"
      columns={COLUMNS}
      rows={runs}
      rowKey={({ run_id }) => run_id}
      empty="It has not run yet."
      testId="retention-runs"
    />
  )
}
