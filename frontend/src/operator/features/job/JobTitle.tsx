import type { ReactNode } from 'react'

import type { Admin } from '../../api.ts'
import { Badge, Meter, PageHeader, StatusBadge } from '../../lib/ui/index.ts'
import { isEnded } from '../../lib/status.ts'
import { plainWords } from '../../lib/words.ts'

type JobTitleProps = { record: Admin<'JobRecord'>; actions: ReactNode }

export function JobTitle({ record, actions }: JobTitleProps) {
  const { job_id, status, job, deleted } = record
  return (
    <PageHeader
      title={`Job ${job_id.slice(0, 8)}`}
      beside={
        <>
          <StatusBadge status={status} />
          {!isEnded(status) && (
            <span className="flex items-center gap-2 text-xs text-muted">
              {plainWords(job.stage)} <Meter share={job.progress} label="Progress" />
            </span>
          )}
          {deleted && <Badge tone="off">deleted by its owner</Badge>}
        </>
      }
      hint={job.wait?.message ?? undefined}
      actions={actions}
    />
  )
}
