import type { Admin } from '../api.ts'
import type { Tone } from './ui/index.ts'

type JobStatus = Admin<'JobStatus'>

export const STATUS_TONES: Record<JobStatus, Tone> = {
  accepted: 'calm',
  uploaded: 'calm',
  queued: 'calm',
  executing: 'busy',
  collecting_outputs: 'busy',
  cancelling: 'warn',
  completed: 'ok',
  failed: 'bad',
  cancelled: 'off',
}

export const BACKEND_TONES: Record<Admin<'BackendState'>, Tone> = {
  offered: 'ok',
  cordoned: 'off',
  draining: 'warn',
  quarantined: 'bad',
  removed: 'off',
}

const ENDED: ReadonlySet<JobStatus> = new Set(['completed', 'failed', 'cancelled'])

/** Whether the job does nothing any more, unless somebody has it retried. */
export function isEnded(status: JobStatus): boolean {
  return ENDED.has(status)
}
