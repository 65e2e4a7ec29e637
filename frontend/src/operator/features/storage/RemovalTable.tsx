import type { Admin } from '../../api.ts'
import { Table, type Column } from '../../lib/ui/index.ts'
import { Details } from '../../lib/ui/Details.tsx'
import { plainWords, sizeWords } from '../../lib/words.ts'

type Removal = Admin<'Removal'>

/** Why something goes. */
const REASONS: Record<Admin<'RetentionRule'>, string> = {
  orphans: 'nothing names them',
  transfers: 'uploads that were never completed',
  inputs: 'files as renderers take them, not used lately; made again when needed',
  deleted_inputs: 'files as renderers take them, of files that nobody has any more',
  unused_uploads: 'uploads of no video',
  uploads: 'uploads that are old enough',
  outputs: 'videos that are old enough',
  parts: 'what an ended video was made of',
}

const COLUMNS: Column<Removal>[] = [
  {
    head: 'Rule',
    className: 'min-w-44',
    cell: ({ rule }) => (
      <>
        {plainWords(rule)}
        <span className="block text-xs text-muted">{REASONS[rule]}</span>
      </>
    ),
  },
  { head: 'Files or videos', atEnd: true, cell: ({ subjects = 0 }) => subjects },
  { head: 'Objects', atEnd: true, cell: ({ objects = 0 }) => objects },
  {
    head: 'Size',
    atEnd: true,
    className: 'whitespace-nowrap',
    cell: ({ size_bytes = 0 }) => sizeWords(size_bytes),
  },
  {
    head: 'Examples',
    className: 'min-w-56',
    cell: ({ examples }) => <Examples keys={examples ?? []} />,
  },
]

export function RemovalTable({ removals }: { removals: Removal[] }) {
  return (
    <Table
      caption="Would be removed, by rule"
      columns={COLUMNS}
      rows={removals}
      rowKey={({ rule }) => rule}
      empty="Nothing is old enough."
      testId="removals"
    />
  )
}

function Examples({ keys }: { keys: string[] }) {
  if (keys.length === 0) return <span className="text-muted">–</span>
  return (
    <Details summary={`${keys.length} keys`}>
      <ul className="space-y-0.5 font-mono text-xs break-all">
        {keys.map((key) => (
          <li key={key}>{key}</li>
        ))}
      </ul>
    </Details>
  )
}
