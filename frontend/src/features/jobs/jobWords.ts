import type { Job, Stage, Wait } from '../../api/types.ts'
import { labelOf, QUALITIES } from '../../lib/choices.ts'
import { MODES, type ModeId } from '../../lib/modes.ts'
import { lengthWords, waitWords } from '../../lib/time.ts'

export const STAGES: readonly { stage: Stage; words: string }[] = [
  { stage: 'reading_files', words: 'Reading your files' },
  { stage: 'in_line', words: 'In line' },
  { stage: 'animating', words: 'Animating' },
  { stage: 'finishing', words: 'Finishing' },
]

export function modeOf({ settings_json: request }: Job): ModeId {
  return request.mode === 'animate' ? (request.animate_submode ?? 'move') : 'audio'
}

/** Where a running job is. */
export function stageWords(job: Job): string {
  if (job.status === 'cancelling') return 'Stopping'
  return STAGES.find(({ stage }) => stage === job.stage)?.words ?? ''
}

/** Whether there is a percentage to tell: before it renders, a job only waits. */
export function moves({ stage }: Job): boolean {
  return stage === 'animating' || stage === 'finishing'
}

/** What a running job waits for, and for how long. */
export function waitParts(job: Job): string[] {
  const { eta_seconds: eta, stage, wait } = job
  if (job.status === 'cancelling') return ['This takes a few seconds.']
  if (stage === 'in_line') return wait === null ? ['Finding your place'] : placeParts(wait)
  if (stage === 'reading_files') return [wait?.message ?? 'Getting ready']
  if (stage === 'finishing') return ['Nearly there']
  return [eta === null ? 'estimating' : `${waitWords(eta)} left`]
}

function placeParts({ reason, message, position, about, seconds }: Wait): string[] {
  const starts = seconds ? [`starts in ${waitWords(seconds)}`] : []
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
