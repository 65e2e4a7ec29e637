import type { Promised } from '../../api/types.ts'
import type { SecondsRange } from '../../lib/time.ts'

/** The code of what the server says of a long line. */
export const BUSY = 'busy'

/** How long a new video would wait, when that is long. */
export function busyWait(promised: Promised | undefined): SecondsRange | null {
  return promised?.warnings.some(({ code }) => code === BUSY) ? promised.wait_seconds : null
}
