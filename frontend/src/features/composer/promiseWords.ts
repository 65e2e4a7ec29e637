import type { Promised, PromiseWarning } from '../../api/types.ts'
import { labelOf, QUALITIES } from '../../lib/choices.ts'
import { lengthWords, sumOf, waitWords } from '../../lib/time.ts'
import { BUSY } from './busy.ts'
import { listed, type Check } from './preflight.ts'

const NAMES: Record<string, string> = {
  ground_truth_asset_id: 'picture',
  motion_video_asset_id: 'clip',
  audio_asset_id: 'sound',
}

/** What Generate would make, and when it would be there. */
export function promiseWords(promised: Promised): string[] {
  const ahead = promised.queue_position - 1
  const when = whenWords(promised)
  return [
    promised.checking ? 'Reading your files…' : lengthWords(promised.duration_seconds),
    promised.aspect_ratio,
    labelOf(QUALITIES, promised.quality_profile),
    `${promised.width} × ${promised.height}`,
    ...(promised.has_audio ? [] : ['no sound']),
    [...when, ahead > 0 ? `${ahead} ahead of you` : 'no one ahead of you'].join(', '),
  ]
}

/** What is worth knowing of a video before it is made. How busy it is stands in a notice. */
export function promiseChecks(promised: Promised): Check[] {
  const told = promised.warnings.filter(({ code }) => code !== BUSY)
  return [...told.map(warningCheck), ...uncheckedCheck(promised)]
}

function warningCheck({ code, message, ...advice }: PromiseWarning): Check {
  const id = `${code}-${advice.field ?? ''}`
  return { id, tone: 'warn', text: message, blocks: false, advice }
}

function uncheckedCheck({ checking, not_checked: fields }: Promised): Check[] {
  const names = fields.flatMap((field) => NAMES[field] ?? [])
  if (checking || names.length === 0) return []
  const text = `Not all could be checked in your ${listed(names)}.`
  return [{ id: 'not-checked', tone: 'hint', text, blocks: false }]
}

function whenWords({ wait_seconds: wait, estimated_seconds: making }: Promised): string[] {
  if (wait && making) return [`ready in ${waitWords(sumOf(wait, making))}`]
  if (wait) return [`starts in ${waitWords(wait)}`]
  return making ? [`${waitWords(making)} once it starts`] : []
}
