import type { Admin } from '../../api.ts'
import { jobHref } from '../../lib/sought.ts'
import { backendHref } from '../../lib/subject.ts'
import { AppLink, Code, JobId, Meter, Since, Table, type Column } from '../../lib/ui/index.ts'

type RunningJob = Admin<'RunningJob'>

const COLUMNS: Column<RunningJob>[] = [
  { head: 'Job', cell: ({ job_id }) => <JobId id={job_id} /> },
  { head: 'Owner', cell: ({ owner }) => owner },
  {
    head: 'Progress',
    cell: ({ progress, job_id }) => (
      <Meter share={progress} label={`Progress of ${job_id.slice(0, 8)}`} />
    ),
  },
  {
    head: 'Segments',
    atEnd: true,
    cell: ({ segments_done, segment_count }) => `${segments_done} of ${segment_count}`,
  },
  {
    head: 'Backend',
    className: 'whitespace-nowrap',
    cell: ({ backend_id }) =>
      backend_id && <AppLink href={backendHref(backend_id)}>{backend_id}</AppLink>,
  },
  {
    head: 'Prompt id',
    className: 'min-w-40',
    cell: ({ prompt_id }) =>
      prompt_id && (
        <span className="relative">
          <Code text={prompt_id} of="prompt id" />
        </span>
      ),
  },
  { head: 'Template', className: 'whitespace-nowrap', cell: ({ template }) => template },
  { head: 'Priority', atEnd: true, cell: ({ priority }) => priority },
  { head: 'Runs for', atEnd: true, cell: ({ executing_at }) => <Since at={executing_at} /> },
]

export function RunningTable({ jobs }: { jobs: RunningJob[] }) {
  return (
    <Table
      caption="Running jobs"
      columns={COLUMNS}
      rows={jobs}
      rowKey={({ job_id }) => job_id}
      rowHref={({ job_id }) => jobHref(job_id)}
      empty="Nothing runs."
      testId="running"
    />
  )
}
