import type { Admin } from '../../api.ts'

/** A trial as it stands in the fields, all of it as it was typed; percents. */
export type TypedTrial = { percent: string; leastRuns: string; mostFailures: string }

export type TrialName = keyof TypedTrial

export const USUAL: TypedTrial = { percent: '10', leastRuns: '5', mostFailures: '20' }

/** What each field takes. */
export const RANGES: Record<TrialName, { least: number; most: number }> = {
  percent: { least: 1, most: 99 },
  leastRuns: { least: 1, most: 1000 },
  mostFailures: { least: 0, most: 100 },
}

type Trial = Pick<Admin<'Activation'>, 'canary_percent' | 'least_runs' | 'most_failures'>

/** What the API is asked for; null while a field holds what it does not take. */
export function trialIn(typed: TypedTrial): Trial | null {
  const percent = numberIn(typed, 'percent')
  const leastRuns = numberIn(typed, 'leastRuns')
  const mostFailures = numberIn(typed, 'mostFailures')
  if (percent === null || leastRuns === null || mostFailures === null) return null
  return { canary_percent: percent, least_runs: leastRuns, most_failures: mostFailures / 100 }
}

/** What is wrong with a field; null where nothing is. */
export function faultOf(typed: TypedTrial, name: TrialName): string | null {
  const { least, most } = RANGES[name]
  return numberIn(typed, name) === null ? `A whole number from ${least} to ${most}.` : null
}

function numberIn(typed: TypedTrial, name: TrialName): number | null {
  const text = typed[name].trim()
  const number = Number(text)
  const { least, most } = RANGES[name]
  return /^\d+$/.test(text) && number >= least && number <= most ? number : null
}
