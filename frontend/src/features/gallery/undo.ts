import type { Removal } from '../../api/actions.ts'

/** The server keeps what was deleted for a minute; this is less, for the way there takes time too. */
const KEPT_MS = 50_000

/** The deletions that can be taken back: since the list was closed, and not too old. */
export function undoable(removed: Removal[], restored: Removal[], closedAt: number): Removal[] {
  const latest = removed.at(-1)?.at ?? 0
  return removed.filter(
    ({ job, at, status }) =>
      status !== 'error' &&
      at > closedAt &&
      latest - at < KEPT_MS &&
      !restored.some((one) => one.job.job_id === job.job_id && one.at >= at),
  )
}

/** Why one of them did not work, of the last one. */
export function faultOf(tried: Removal[], closedAt: number): unknown {
  return tried.findLast(({ at, status }) => status === 'error' && at > closedAt)?.error ?? null
}
