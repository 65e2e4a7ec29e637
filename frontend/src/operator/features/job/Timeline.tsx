import { useState } from 'react'

import type { Admin } from '../../api.ts'
import { Duration, Moment, RowButton, StatusBadge, Table, type Column } from '../../lib/ui/index.ts'
import { percentWords, plainWords } from '../../lib/words.ts'
import { withoutProgress } from './timeline.ts'

type TimelineEntry = Admin<'TimelineEntry'>

const COLUMNS: Column<TimelineEntry>[] = [
  { head: 'Event', cell: ({ type }) => plainWords(type) },
  { head: 'State', cell: ({ status }) => <StatusBadge status={status} /> },
  { head: 'Stage', cell: ({ stage }) => plainWords(stage) },
  { head: 'Progress', atEnd: true, cell: ({ progress }) => percentWords(progress) },
  { head: 'Lasted', atEnd: true, cell: ({ seconds }) => <Duration seconds={seconds} /> },
  { head: 'At', atEnd: true, cell: ({ at }) => <Moment at={at} /> },
]

/** What happened to the job, oldest first. */
export function Timeline({ entries }: { entries: TimelineEntry[] }) {
  const [all, showAll] = useState(false)
  const folded = withoutProgress(entries)
  const hidden = entries.length - folded.length
  return (
    <>
      <Table
        caption="Events"
        columns={COLUMNS}
        rows={all ? entries : folded}
        rowKey={({ rev }) => String(rev)}
        empty="Nothing happened yet."
      />
      {hidden > 0 && (
        <RowButton aria-pressed={all} onClick={() => showAll(!all)}>
          {all ? 'Hide progress' : `Show ${hidden} events of progress`}
        </RowButton>
      )}
    </>
  )
}
