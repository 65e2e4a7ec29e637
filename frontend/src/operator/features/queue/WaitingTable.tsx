import type { Admin } from '../../api.ts'
import { jobHref } from '../../lib/sought.ts'
import { Badge, JobId, RowButton, Since, Table, type Column } from '../../lib/ui/index.ts'
import { rangeWords } from '../../lib/words.ts'
import type { Urgency } from '../../changes/PriorityDialog.tsx'

type QueuedJob = Admin<'QueuedJob'>
type WaitingTableProps = { jobs: QueuedJob[]; onUrgency: (urgency: Urgency) => void }

/** The line, in the order in which it will most likely be served. */
export function WaitingTable({ jobs, onUrgency }: WaitingTableProps) {
  return (
    <Table
      caption="Waiting jobs"
      columns={columnsOf(onUrgency)}
      rows={jobs}
      rowKey={({ job_id }) => job_id}
      rowHref={({ job_id }) => jobHref(job_id)}
      empty="Nothing waits."
      testId="waiting"
    />
  )
}

function columnsOf(onUrgency: WaitingTableProps['onUrgency']): Column<QueuedJob>[] {
  return [
    {
      head: 'Job',
      cell: ({ job_id }) => <JobId id={job_id} />,
    },
    { head: 'Place', atEnd: true, cell: ({ position }) => position },
    { head: 'Owner', cell: ({ owner }) => owner },
    {
      head: 'Priority',
      cell: (job) => (
        <span className="flex items-center gap-2">
          <span className="tabular-nums" data-testid="priority">
            {job.priority}
          </span>
          <RowButton
            aria-label={`Change the priority of ${job.job_id.slice(0, 8)}`}
            onClick={() => onUrgency({ job_id: job.job_id, priority: job.priority })}
          >
            Change
          </RowButton>
        </span>
      ),
    },
    { head: 'Waits for', atEnd: true, cell: ({ queued_at }) => <Since at={queued_at} /> },
    {
      head: 'Likely wait',
      atEnd: true,
      className: 'whitespace-nowrap',
      cell: ({ wait_seconds }) => (wait_seconds ? rangeWords(wait_seconds) : '–'),
    },
    {
      head: 'Line',
      className: 'whitespace-nowrap',
      cell: ({ line, granted }) => (
        <span className="flex items-center gap-2">
          {line}
          {granted && <Badge tone="busy">has its backend</Badge>}
        </span>
      ),
    },
  ]
}
