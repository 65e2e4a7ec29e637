import type { Admin } from '../../api.ts'
import { Empty, Moment, Section, Table, type Column } from '../../lib/ui/index.ts'
import { Details } from '../../lib/ui/Details.tsx'
import { sizeWords } from '../../lib/words.ts'
import { GrowthChart } from './GrowthChart.tsx'
import { daysOf, type Day } from './sums.ts'

const KINDS: Admin<'StorageKind'>[] = [
  'uploads',
  'previews',
  'inputs',
  'parts',
  'outputs',
  'records',
  'other',
]

const COLUMNS: Column<Day>[] = [
  { head: 'Measured', cell: ({ at }) => <Moment at={at} /> },
  { head: 'All', atEnd: true, cell: ({ size_bytes }) => sizeWords(size_bytes) },
  ...KINDS.map((kind): Column<Day> => ({
    head: kind,
    atEnd: true,
    className: 'whitespace-nowrap',
    cell: ({ kinds }) => sizeWords(kinds[kind] ?? 0),
  })),
]

/** How much was stored in the last 90 days, as a picture and as a table. */
export function Growth({ report }: { report: Admin<'StorageReport'> }) {
  const days = daysOf(report.days)
  return (
    <Section title="Growth in 90 days">
      {days.length === 0 ? (
        <Empty>No run has found anything stored yet.</Empty>
      ) : (
        <>
          <GrowthChart days={days} />
          <Details summary="As a table">
            <Table
              caption="Stored by day"
              columns={COLUMNS}
              rows={days.toReversed()}
              rowKey={({ at }) => at}
              empty=""
            />
          </Details>
        </>
      )}
    </Section>
  )
}
