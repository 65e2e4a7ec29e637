import type { Admin } from '../../api.ts'
import { Moment, Table, type Column } from '../../lib/ui/index.ts'
import { WhatChanged } from './WhatChanged.tsx'

type AuditLine = Admin<'AuditLine'>

const COLUMNS: Column<AuditLine>[] = [
  { head: 'Change', className: 'whitespace-nowrap', cell: ({ action }) => action },
  { head: 'By', cell: ({ who }) => who },
  { head: 'Reason', className: 'min-w-48', cell: ({ why }) => why },
  {
    head: 'What',
    className: 'min-w-48',
    cell: (line) => <WhatChanged line={line} />,
  },
  { head: 'At', atEnd: true, cell: ({ at }) => <Moment at={at} /> },
]

/** What operators changed of the job, newest first. */
export function AuditTable({ lines }: { lines: AuditLine[] }) {
  return (
    <Table
      caption="Changes by operators"
      columns={COLUMNS}
      rows={lines}
      rowKey={({ audit_id }) => audit_id}
      empty="No operator changed anything."
    />
  )
}
