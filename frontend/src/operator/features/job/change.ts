import type { Admin } from '../../api.ts'

type AuditLine = Admin<'AuditLine'>
type Fields = Record<string, unknown>

/** What a change made of what: "priority 3 → 1, status failed → queued". */
export function changeWords({ before, after }: AuditLine): string {
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  return Object.keys(now)
    .filter((name) => name in old && old[name] !== now[name])
    .map((name) => `${name} ${String(old[name])} → ${String(now[name])}`)
    .join(', ')
}

/** The job that a replay made. */
export function madeJob({ action, after }: AuditLine): string | null {
  const made = fieldsOf(after)['job_id']
  return action === 'job.replay' && typeof made === 'string' ? made : null
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}
