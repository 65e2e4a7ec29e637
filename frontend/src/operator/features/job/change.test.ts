import { expect, test } from 'vitest'

import type { Admin } from '../../api.ts'
import { changeWords, madeJob } from './change.ts'

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

test('a change says what became what, and leaves out what stayed', () => {
  const before = { status: 'queued', priority: 3, run: 1 }
  expect(changeWords(line({ before, after: { ...before, priority: 1 } }))).toBe('priority 3 → 1')
})

test('what has no fields changed nothing that can be named', () => {
  expect(changeWords(line({ before: 'old', after: ['new'] }))).toBe('')
})

test('only a replay made a job', () => {
  expect(madeJob(line({ action: 'job.replay', after: { job_id: 'j2' } }))).toBe('j2')
  expect(madeJob(line({ action: 'job.retry', after: { job_id: 'j2' } }))).toBeNull()
})
