import type { Admin } from '../../api.ts'
import { subjectHref } from '../../lib/subject.ts'
import { ChangedList } from '../../lib/ui/ChangedList.tsx'
import { AppLink, Moment, Table, type Column } from '../../lib/ui/index.ts'

type AuditLine = Admin<'AuditLine'>

const COLUMNS: Column<AuditLine>[] = [
  { head: 'At', cell: ({ at }) => <Moment at={at} /> },
  { head: 'Who', cell: ({ who }) => who },
  { head: 'Action', className: 'whitespace-nowrap', cell: ({ action }) => action },
  {
    head: 'Subject',
    className: 'min-w-40 max-w-72 break-all',
    cell: ({ subject }) => <AppLink href={subjectHref(subject)}>{subject}</AppLink>,
  },
  { head: 'Reason', className: 'min-w-48 max-w-md', cell: ({ why }) => why },
  { head: 'Before and after', className: 'min-w-64', cell: (line) => <ChangedList line={line} /> },
]

export function AuditTable({ lines, filtered }: { lines: AuditLine[]; filtered: boolean }) {
  return (
    <Table
      caption="Changes by operators, newest first"
      columns={COLUMNS}
      rows={lines}
      rowKey={({ audit_id }) => audit_id}
      empty={filtered ? 'No change matches all of that.' : 'No operator has changed anything yet.'}
      testId="audit-lines"
    />
  )
}
