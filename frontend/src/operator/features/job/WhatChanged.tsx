import type { Admin } from '../../api.ts'
import { jobHref } from '../../lib/sought.ts'
import { AppLink, ChangedList, JobId } from '../../lib/ui/index.ts'
import { madeJob } from './madeJob.ts'

/** What a change made of the job; of a replay, the job that it made. */
export function WhatChanged({ line }: { line: Admin<'AuditLine'> }) {
  const made = madeJob(line)
  if (made === null) return <ChangedList line={line} />
  return (
    <AppLink href={jobHref(made)}>
      new job <JobId id={made} />
    </AppLink>
  )
}
