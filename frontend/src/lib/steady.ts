import type { SecondsRange } from './time.ts'

/** A wait as it is shown. late: it is longer than was said before. */
export type Steady = { range: SecondsRange | null; late: boolean }

/** Less than this is no news. */
const NOTICEABLE = 1.15

/**
 * What is shown of a wait after another one was told: it falls freely, stays where nothing is told,
 * and rises only together with the word that it is late.
 */
export function steadied(shown: Steady, told: SecondsRange | null): Steady {
  if (told === null) return shown
  if (shown.range === null || told.high <= shown.range.high) return { ...shown, range: told }
  if (told.high <= shown.range.high * NOTICEABLE) return shown
  return { range: told, late: true }
}
