import type { ModeId } from '../lib/modes.ts'
import type { Job, JobStatus } from './types.ts'

export type JobState = 'running' | 'finished' | 'unfinished'

/** What a list of jobs is about: those that match all of it. search: words of the prompt. */
export type JobFilter = { search: string; kind: ModeId | null; state: JobState | null }

export const NO_FILTER: JobFilter = { search: '', kind: null, state: null }

const STATUSES: Record<JobState, JobStatus[]> = {
  running: ['accepted', 'uploaded', 'queued', 'executing', 'collecting_outputs', 'cancelling'],
  finished: ['completed'],
  unfinished: ['failed', 'cancelled'],
}

export function isFiltering({ search, kind, state }: JobFilter): boolean {
  return search !== '' || kind !== null || state !== null
}

/** How the API is asked for a filtered list. */
export function askedOf({ search, kind, state }: JobFilter) {
  return {
    ...(search !== '' && { search }),
    ...(kind === 'audio' && { mode: 'audio-performance' as const }),
    ...(kind !== null && kind !== 'audio' && { mode: 'animate' as const, submode: kind }),
    ...(state !== null && { status: STATUSES[state] }),
  }
}

export function modeOf({ settings_json: request }: Job): ModeId {
  return request.mode === 'animate' ? (request.animate_submode ?? 'move') : 'audio'
}

/** Whether the API would list a job among those asked for. */
export function matches({ search, kind, state }: JobFilter, job: Job): boolean {
  const text = fold(job.prompt)
  return (
    fold(search)
      .split(/\s+/)
      .every((word) => text.includes(word)) &&
    (kind === null || modeOf(job) === kind) &&
    (state === null || STATUSES[state].includes(job.status))
  )
}

function fold(text: string): string {
  return text.trim().normalize('NFKC').toLowerCase()
}
