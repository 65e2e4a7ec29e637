import { ApiError } from '../../api/problem.ts'

/** How long ago: 12 s ago, 5 min ago, 3 h ago, 4 d ago; what is ahead of this clock is now. */
export function agoWords(at: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(at)) / 1000)
  if (seconds < 1) return 'now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

/** A moment by this clock, to the second: 2026-11-23 08:15:02. */
export function momentWords(at: string): string {
  const moment = new Date(at)
  const day = [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()].map(two).join('-')
  return `${day} ${[moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join(':')}`
}

function two(part: number): string {
  return String(part).padStart(2, '0')
}

/** A length of time: 0.4 s, 42 s, 3 min 4 s, 2 h 5 min, 3 d 4 h. */
export function durationWords(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return pair(whole, 60, 'min', 1, 's')
  if (whole < 48 * 3600) return pair(whole, 3600, 'h', 60, 'min')
  return pair(whole, 86_400, 'd', 3600, 'h')
}

function pair(whole: number, large: number, largeUnit: string, small: number, smallUnit: string) {
  const rest = Math.floor((whole % large) / small)
  const lead = `${Math.floor(whole / large)} ${largeUnit}`
  return rest === 0 ? lead : `${lead} ${rest} ${smallUnit}`
}

/** From the least to the most: 40 s–2 min. */
export function rangeWords({ low, high }: { low: number; high: number }): string {
  const [least, most] = [durationWords(low), durationWords(high)]
  return least === most ? least : `${least}–${most}`
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

/** A size in decimal units: 999 B, 1.2 MB, 34 GB. */
export function sizeWords(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const amount = bytes / 1000 ** power
  const digits = power > 0 && amount < 10 ? 1 : 0
  return `${amount.toFixed(digits)} ${UNITS[power]}`
}

/** A share of one: 35 %. */
export function percentWords(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** The name of a state or stage as it is read: collecting outputs. */
export function plainWords(name: string): string {
  return name.replaceAll('_', ' ')
}

/** The reference that the owner of a failed video was told. */
export function referenceOf(job_id: string): string {
  return `F-${job_id.slice(0, 8).toUpperCase()}`
}

export type ProblemWords = { lines: string[]; reference: string | null }

/** What is wrong with a failed request, as exactly as the server says it. */
export function problemWords(error: unknown): ProblemWords {
  if (!(error instanceof ApiError)) {
    const said = error instanceof Error ? ` (${error.message})` : ''
    return { lines: [`The gateway can't be reached${said}.`], reference: null }
  }
  const { problem, status } = error
  if (problem === null) {
    return { lines: [`The gateway did not answer: HTTP ${status}.`], reference: null }
  }
  const details = (problem.errors ?? []).map(({ field, message }) => `${field}: ${message}`)
  return { lines: [problem.message, ...details], reference: problem.reference }
}

/** From one moment to another. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000
}
