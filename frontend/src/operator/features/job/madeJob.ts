import type { Admin } from '../../api.ts'

/** The job that a replay made. */
export function madeJob({ action, after }: Admin<'AuditLine'>): string | null {
  const found = typeof after === 'object' && after !== null && 'job_id' in after && after.job_id
  return action === 'job.replay' && typeof found === 'string' ? found : null
}
