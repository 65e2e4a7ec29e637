import type { Admin } from '../../api.ts'
import { subjectHref } from '../../lib/subject.ts'
import { ChangedList } from '../../lib/ui/ChangedList.tsx'
import { AppLink, Moment, Table, type Column } from '../../lib/ui/index.ts'

type AuditLine = Admin<'AuditLine'>

const COLUMNS: Column<AuditLine>[] = [
  { head: 'At', cell: ({ at }) => <Moment at={at} /> },
  { head: 'Who', cell: ({ who }) => who },
  { head: 'From', className: 'whitespace-nowrap', cell: ({ address }) => address ?? '–' },
  { head: 'Via', className: 'max-w-32 truncate', cell: ({ via }) => via ?? '–' },
  { head: 'Action', className: 'whitespace-nowrap', cell: ({ action }) => action },
  {
    head: 'Subject',
    className: 'min-w-40 max-w-72 break-all',
    cell: ({ subject }) => <Subject subject={subject} />,
  },
  { head: 'Reason', className: 'min-w-48 max-w-md', cell: ({ why }) => why },
  { head: 'Before and after', className: 'min-w-64', cell: (line) => <ChangedList line={line} /> },
]

export function AuditTable({ lines, filtered }: { lines: AuditLine[]; filtered: boolean }) {
  return (
    <Table
      caption="Changes and looks, newest first"
      columns={COLUMNS}
      rows={lines}
      rowKey={({ audit_id }) => audit_id}
      empty={filtered ? 'No change matches all of that.' : 'Nobody has changed anything yet.'}
      testId="audit-lines"
    />
  )
}

function Subject({ subject }: { subject: string }) {
  const href = subjectHref(subject)
  return href === null ? subject : <AppLink href={href}>{subject}</AppLink>
}
