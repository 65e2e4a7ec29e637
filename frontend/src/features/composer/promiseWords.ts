import type { Promised } from '../../api/types.ts'
import { labelOf, QUALITIES } from '../../lib/choices.ts'
import { lengthWords, sumOf, waitWords, type SecondsRange } from '../../lib/time.ts'
import type { Check } from './preflight.ts'

const BUSY_S = 600

/** What Generate would make, and when it would be there. */
export function promiseWords(promised: Promised): string[] {
  const ahead = promised.queue_position - 1
  const when = whenWords(promised)
  return [
    lengthWords(promised.duration_seconds),
    promised.aspect_ratio,
    labelOf(QUALITIES, promised.quality_profile),
    `${promised.width} × ${promised.height}`,
    ...(promised.has_audio ? [] : ['no sound']),
    [...when, ahead > 0 ? `${ahead} ahead of you` : 'no one ahead of you'].join(', '),
  ]
}

/** What is worth knowing of a video before it is made. */
export function promiseChecks(promised: Promised | undefined): Check[] {
  const warnings = promised?.warnings ?? []
  return warnings.map(({ code, message }) => ({
    id: code,
    tone: 'warn',
    text: message,
    blocks: false,
  }))
}

/** How long a new video would wait, when that is long. */
export function busyWait(promised: Promised | undefined): SecondsRange | null {
  const wait = promised?.wait_seconds ?? null
  return wait !== null && wait.high > BUSY_S ? wait : null
}

function whenWords({ wait_seconds: wait, estimated_seconds: making }: Promised): string[] {
  if (wait && making) return [`ready in ${waitWords(sumOf(wait, making))}`]
  if (wait) return [`starts in ${waitWords(wait)}`]
  return making ? [`${waitWords(making)} once it starts`] : []
}
