import type { Admin } from '../../api.ts'
import { percentWords } from '../../lib/words.ts'

/** How a trial goes, and when it ends by itself. */
export function trialWords(canary: Admin<'Canary'>): string {
  const { percent, runs, failures, least_runs, most_failures } = canary
  const limit = `more than ${percentWords(most_failures)} of them failed`
  const rule = `It is taken back by itself once at least ${least_runs} have ended and ${limit}.`
  const left = least_runs - runs
  const when = left > 0 ? ` ${left} more have to end before that can happen.` : ''
  return `${percent} % of new jobs. ${failures} of ${runs} that ended have failed. ${rule}${when}`
}

/** 2 of 40, 5 %. */
export function failureWords({
  runs,
  failures,
  failure_rate,
}: Pick<Admin<'TemplateVersion'>, 'runs' | 'failures' | 'failure_rate'>): string {
  if (failure_rate === null) return '–'
  return `${failures} of ${runs}, ${percentWords(failure_rate)}`
}

/** What a roll back does now: ends a trial, or else goes back; null where there is nothing to. */
export function rollBackWords({
  canary,
  active_version,
  previous_version,
}: Admin<'AdminTemplate'>): string | null {
  if (canary) return `The trial of ${canary.version} ends; all new jobs get ${active_version}.`
  return previous_version && `New jobs get ${previous_version} again instead of ${active_version}.`
}
