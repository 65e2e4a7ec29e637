import type { Admin } from '../../api.ts'
import { Stat, Stats, Time } from '../../lib/ui/index.ts'
import { sizeWords } from '../../lib/words.ts'
import { sumOf } from './sums.ts'

export function Totals({ report }: { report: Admin<'StorageReport'> }) {
  const { objects, size_bytes } = sumOf(report.totals)
  const last = report.runs.find(({ ended_at }) => ended_at !== null)
  const measured = report.measured_at !== null
  return (
    <Stats>
      <Stat label="Stored" testId="stored" value={measured ? sizeWords(size_bytes) : '–'} />
      <Stat label="Objects" value={measured ? objects : '–'} />
      <Stat label="Measured" value={<Time at={report.measured_at} />} hint="at the end of a run" />
      <Stat
        label="Freed by the last run"
        value={last ? sizeWords(last.size_bytes) : '–'}
        hint={last && `${last.objects} objects`}
      />
    </Stats>
  )
}
