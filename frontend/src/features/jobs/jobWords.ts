import { isEnded } from '../../api/jobCache.ts'
import { modeOf } from '../../api/jobFilter.ts'
import type { Job, JobWarning, Stage, Wait } from '../../api/types.ts'
import { labelOf, QUALITIES } from '../../lib/choices.ts'
import { MODES } from '../../lib/modes.ts'
import { leftWords, lengthWords, waitWords } from '../../lib/time.ts'

export const STAGES: readonly { stage: Stage; words: string }[] = [
  { stage: 'reading_files', words: 'Reading your files' },
  { stage: 'in_line', words: 'In line' },
  { stage: 'animating', words: 'Animating' },
  { stage: 'finishing', words: 'Finishing' },
]

export { modeOf }

/** Where a running job is. */
export function stageWords(job: Job): string {
  if (job.status === 'cancelling') return 'Stopping'
  if (job.wait?.reason === 'decision') return 'Waiting for you'
  if (isBetweenParts(job)) return 'In line for the next part'
  return STAGES.find(({ stage }) => stage === job.stage)?.words ?? ''
}

/** Whether there is a percentage to tell: before it renders, a job only waits. */
export function moves({ stage, segments_done }: Job): boolean {
  return segments_done > 0 || stage === 'animating' || stage === 'finishing'
}

/** Where a job is on its way. Between two parts it waits once more, and is no further back. */
export function stageOf(job: Job): Stage {
  return isBetweenParts(job) ? 'animating' : job.stage
}

function isBetweenParts({ stage, segments_done }: Job): boolean {
  return stage === 'in_line' && segments_done > 0
}

/** Whether the owner has asked for an early end, which comes after the part that is made now. */
export function endsEarly(job: Job): boolean {
  const keepable = !isEnded(job) && job.segment_count > 1 && job.segments_done > 0
  return keepable && job.status !== 'cancelling' && !job.actions.includes('keep')
}

/** What is safe of a video that did not get to its end; null when there is nothing. */
export function keptWords({ growing, segments_done, status }: Job): string | null {
  if (growing) return `The first ${lengthWords(growing.duration_seconds)} are kept.`
  if (segments_done > 0) return 'What is done is kept.'
  // A failure says so itself.
  return status === 'cancelled' ? 'Your files and settings are kept.' : null
}

/** Each warning once, with the parts it is about, from 1. */
export function warningLines(warnings: JobWarning[]): { message: string; parts: number[] }[] {
  const lines = new Map<string, number[]>()
  for (const { message, segment } of warnings) {
    const parts = typeof segment === 'number' ? [segment + 1] : []
    lines.set(message, [...(lines.get(message) ?? []), ...parts])
  }
  return [...lines].map(([message, parts]) => ({
    message,
    parts: [...new Set(parts)].toSorted((a, b) => a - b),
  }))
}

/** What a running job waits for, and for how long. */
export function waitParts(job: Job): string[] {
  const { eta_seconds: eta, stage, wait } = job
  if (job.status === 'cancelling') return ['This takes a few seconds.']
  // The choice itself says what it is about.
  if (wait?.reason === 'decision') return []
  if (stage === 'in_line') {
    const verb = isBetweenParts(job) ? 'goes on' : 'starts'
    return wait === null ? ['Finding your place'] : placeParts(wait, verb)
  }
  if (stage === 'reading_files') return [wait?.message ?? 'Getting ready']
  if (stage === 'finishing') return ['Nearly there']
  return [eta === null ? 'estimating' : leftWords(eta)]
}

/** Why a wait is longer than was said; left: until it is done, start: until it begins. */
export function lateWords(job: Job, late: { left: boolean; start: boolean }): string | null {
  if (job.stage === 'animating' && late.left) return 'This one takes longer than expected.'
  if (job.stage === 'in_line' && late.start) return 'The videos ahead take longer than expected.'
  return null
}

function placeParts(wait: Wait, verb: string): string[] {
  const { reason, message, position, about, seconds } = wait
  const starts = seconds ? [`${verb} in ${waitWords(seconds)}`] : []
  if (reason === 'next') return ['Next', ...starts]
  if (reason !== 'in_line' || position === null) return [message]
  return [about ? `About number ${position}` : `Number ${position} in line`, ...starts]
}

/** The facts of a video: mode, length, quality. */
export function metaWords(job: Job): string[] {
  const { output, settings_json: request } = job
  return [
    MODES[modeOf(job)].label,
    ...(output ? [lengthWords(output.duration_seconds)] : []),
    labelOf(QUALITIES, request.quality_profile ?? 'standard'),
  ]
}

/** Width by height of a job's video: of the result when there is one, else as it was asked for. */
export function shapeOf({ output, settings_json: request }: Job): number {
  const [width, height] = (
    output?.resolution.split(/\D+/) ??
    request.aspect_ratio?.split(':') ??
    []
  ).map(Number)
  return width && height ? width / height : 9 / 16
}
