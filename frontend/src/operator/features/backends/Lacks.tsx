import type { Admin } from '../../api.ts'
import { Table, type Column } from '../../lib/ui/index.ts'
import { lacksOf, type Lack } from './abilities.ts'

const COLUMNS: Column<Lack>[] = [
  {
    head: 'Missing here',
    className: 'min-w-48',
    cell: ({ add }) => <code className="font-mono text-xs break-words">{add}</code>,
  },
  {
    head: 'Without it, not rendered',
    className: 'min-w-40 text-xs text-muted',
    cell: ({ stops }) => (
      <ul>
        {stops.map(({ template_id, qualities }) => (
          <li key={template_id}>{`${template_id}: ${qualities.join(', ')}`}</li>
        ))}
      </ul>
    ),
  },
]

/** What is to be added to a backend, and for what. */
export function Lacks({ backend }: { backend: Admin<'Backend'> }) {
  const lacks = lacksOf(backend)
  if (lacks.length === 0) return null
  return (
    <Table
      caption={`Missing on ${backend.backend_id}`}
      columns={COLUMNS}
      rows={lacks}
      rowKey={({ add }) => add}
      empty=""
      testId="lacks"
    />
  )
}
