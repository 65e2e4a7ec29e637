import type { Admin } from '../../api.ts'
import { jobHref } from '../../lib/sought.ts'
import {
  Code,
  Duration,
  JobId,
  Meter,
  StatusBadge,
  Table,
  Time,
  type Column,
} from '../../lib/ui/index.ts'
import { isEnded } from '../../lib/status.ts'
import { secondsBetween } from '../../lib/words.ts'
import type { JobFilters } from './filter.ts'
import { NothingFound } from './NothingFound.tsx'
import { WhatItSays } from './WhatItSays.tsx'

type AdminJob = Admin<'AdminJob'>

const COLUMNS: Column<AdminJob>[] = [
  { head: 'Job', cell: ({ job_id }) => <JobId id={job_id} /> },
  {
    head: 'State',
    cell: ({ status, progress, job_id }) => (
      <span className="flex flex-col items-start gap-1">
        <StatusBadge status={status} />
        {!isEnded(status) && <Meter share={progress} label={`Progress of ${job_id.slice(0, 8)}`} />}
      </span>
    ),
  },
  {
    head: 'Prompt, and why it failed',
    className: 'min-w-72 max-w-xl',
    cell: (job) => <WhatItSays job={job} />,
  },
  { head: 'Owner', cell: ({ owner }) => owner },
  {
    head: 'Template',
    className: 'whitespace-nowrap',
    cell: ({ template, quality_profile }) => (
      <>
        {template}
        <span className="block text-xs text-muted">{quality_profile}</span>
      </>
    ),
  },
  {
    head: 'Backend and prompt id',
    className: 'min-w-44',
    cell: ({ backend_id, prompt_id }) => (
      <span className="relative">
        <span className="block">{backend_id ?? '–'}</span>
        {prompt_id && <Code text={prompt_id} of="prompt id" />}
      </span>
    ),
  },
  {
    head: 'Segments',
    atEnd: true,
    cell: ({ segments_done, segment_count }) => `${segments_done} of ${segment_count}`,
  },
  { head: 'Priority', atEnd: true, cell: ({ priority }) => priority },
  {
    head: 'Took',
    atEnd: true,
    cell: ({ created_at, ended_at }) => (
      <Duration seconds={ended_at === null ? null : secondsBetween(created_at, ended_at)} />
    ),
  },
  { head: 'Created', atEnd: true, cell: ({ created_at }) => <Time at={created_at} /> },
]

export function JobTable({ jobs, filters }: { jobs: AdminJob[]; filters: JobFilters }) {
  return (
    <Table
      caption="Jobs, newest first"
      columns={COLUMNS}
      rows={jobs}
      rowKey={({ job_id }) => job_id}
      rowHref={({ job_id }) => jobHref(job_id)}
      empty={<NothingFound filters={filters} />}
      testId="jobs"
    />
  )
}
