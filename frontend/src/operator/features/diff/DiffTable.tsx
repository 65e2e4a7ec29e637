import type { Admin } from '../../api.ts'
import { Table, type Column } from '../../lib/ui/index.ts'

type Difference = Admin<'Difference'>

/** One row for each value that is not the same; a dash where a job has none. */
export function DiffTable({ diff }: { diff: Admin<'JobDiff'> }) {
  return (
    <Table
      caption="Differences"
      columns={columnsOf(diff)}
      rows={diff.differences}
      rowKey={({ path }) => path}
      empty="Nothing differs."
      testId="differences"
    />
  )
}

function columnsOf({ left, right }: Admin<'JobDiff'>): Column<Difference>[] {
  return [
    {
      head: 'What',
      className: 'min-w-40',
      cell: ({ path }) => <code className="font-mono text-xs break-all">{path}</code>,
    },
    { head: left.slice(0, 8), ...side('left') },
    // A job can be compared with itself, and heads are keys.
    { head: left === right ? 'itself' : right.slice(0, 8), ...side('right') },
  ]
}

function side(name: 'left' | 'right'): Omit<Column<Difference>, 'head'> {
  return {
    className: 'min-w-40 max-w-xl',
    cell: (difference) => {
      const value = difference[name]
      if (value === null) return <span className="text-muted">–</span>
      return (
        <code className="font-mono text-xs break-words whitespace-pre-wrap">
          {typeof value === 'string' ? value : JSON.stringify(value)}
        </code>
      )
    },
  }
}
