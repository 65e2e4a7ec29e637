import { Table, type Column } from '../../lib/ui/index.ts'
import { sizeWords } from '../../lib/words.ts'
import { AGES, type Row } from './sums.ts'

type SumTableProps = { of: string; rows: Row[]; testId: string }

/** What is stored by kind or by owner, in whole and by age. */
export function SumTable({ of, rows, testId }: SumTableProps) {
  return (
    <Table
      caption={`Stored by ${of.toLowerCase()}`}
      columns={[{ head: of, className: 'min-w-28', cell: ({ name }) => name }, ...SUMS]}
      rows={rows}
      rowKey={({ name }) => name}
      empty="No run has found anything stored yet."
      testId={testId}
    />
  )
}

const SUMS: Column<Row>[] = [
  sizeColumn('Size', ({ size_bytes }) => size_bytes),
  { head: 'Objects', atEnd: true, cell: ({ objects }) => objects },
  ...AGES.map((age) => sizeColumn(age, ({ ages }) => ages[age])),
]

function sizeColumn(head: string, bytesOf: (row: Row) => number): Column<Row> {
  return {
    head,
    atEnd: true,
    className: 'whitespace-nowrap',
    cell: (row) => (bytesOf(row) > 0 ? sizeWords(bytesOf(row)) : '–'),
  }
}
