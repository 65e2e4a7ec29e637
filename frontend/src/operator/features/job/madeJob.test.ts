import { expect, test } from 'vitest'

import type { Admin } from '../../api.ts'
import { madeJob } from './madeJob.ts'

function line(part: Partial<Admin<'AuditLine'>>): Admin<'AuditLine'> {
  return {
    audit_id: 'a1',
    at: '2026-11-23T12:00:00Z',
    who: 'ann',
    action: 'job.priority',
    subject: 'job/j1',
    before: null,
    after: null,
    why: 'A demo begins',
    ...part,
  }
}

test('only a replay made a job', () => {
  expect(madeJob(line({ action: 'job.replay', after: { job_id: 'j2' } }))).toBe('j2')
  expect(madeJob(line({ action: 'job.retry', after: { job_id: 'j2' } }))).toBeNull()
})
