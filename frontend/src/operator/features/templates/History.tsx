import type { Admin } from '../../api.ts'
import { ChangedList } from '../../lib/ui/ChangedList.tsx'
import { Moment, Table, type Column } from '../../lib/ui/index.ts'

type AuditLine = Admin<'AuditLine'>

const COLUMNS: Column<AuditLine>[] = [
  { head: 'At', cell: ({ at }) => <Moment at={at} /> },
  { head: 'Who', cell: ({ who }) => who },
  { head: 'Action', className: 'whitespace-nowrap', cell: ({ action }) => action },
  { head: 'Reason', className: 'min-w-48', cell: ({ why }) => why },
  { head: 'Before and after', className: 'min-w-56', cell: (line) => <ChangedList line={line} /> },
]

/** What operators decided of a template, newest first. */
export function History({ lines }: { lines: AuditLine[] }) {
  return (
    <Table
      caption="Changes of the template, newest first"
      columns={COLUMNS}
      rows={lines}
      rowKey={({ audit_id }) => audit_id}
      empty="It is as it was released."
    />
  )
}
