import type { FieldError, Problem } from './types.ts'

/** An answer other than success. problem: null when what answered was not the gateway itself. */
export class ApiError extends Error {
  readonly status: number
  readonly problem: Problem | null
  /** When the server said to ask again, in milliseconds since 1970. */
  readonly retryAt: number | null

  constructor(status: number, problem: Problem | null, retryAt: number | null = null) {
    super(problem?.message ?? `HTTP ${status}`)
    this.status = status
    this.problem = problem
    this.retryAt = retryAt
  }
}

export type ProblemWords = { lines: string[]; reference: string | null }

const OURS = 'Something went wrong on our side. Your files are kept. Try again.'
const AWAY = 'The studio does not answer. Your files are kept. Try again soon.'
const OFFLINE = 'You are offline. Your files are kept. Try again when you are back.'
const UNREACHED = 'We cannot be reached right now. Your files are kept. Try again.'

/** For answers that come from a proxy, without words of the gateway's own. */
const BY_STATUS: Record<number, string> = {
  401: 'You are signed out. Your files are kept. Sign in again.',
  403: 'You may not do this here. Your files are kept. Ask your team.',
  404: 'This is gone. Your other files are kept. Reload the page.',
  413: 'This file is too large. The others are kept. Choose a smaller one.',
  415: 'This kind of file does not work. The others are kept. Replace it.',
  422: 'These settings do not work. Your files are kept. Change a setting.',
  429: 'That was a lot at once. Your files are kept. Try again later.',
  502: AWAY,
  503: AWAY,
  504: AWAY,
}

/** What happened, what is kept and what to do, for any failed request. */
export function problemWords(error: unknown): ProblemWords {
  if (!(error instanceof ApiError)) {
    return { lines: [navigator.onLine ? UNREACHED : OFFLINE], reference: null }
  }
  const { problem, status } = error
  if (problem === null) return { lines: [BY_STATUS[status] ?? OURS], reference: `${status}` }
  const details = (problem.errors ?? []).map((detail) => detail.message)
  return { lines: [...new Set([problem.message, ...details])], reference: problem.reference }
}

/** What a line of those words is about, where it is a part of the request. */
export function detailOf(error: unknown, line: string): FieldError | undefined {
  if (!(error instanceof ApiError)) return undefined
  return error.problem?.errors?.find((detail) => detail.message === line)
}

/** Whether the same request may work when a person sends it again. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 429 || error.status >= 500
}

/** Whether the same request may work if it is simply sent again, at once. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof ApiError) || [502, 503, 504].includes(error.status)
}

/** Whether there is no such thing, or not any more. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && [404, 410].includes(error.status)
}

/** Whether nobody is signed in, or not any more. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401
}

/** When what was too much at once may be sent; null where that is not what went wrong. */
export function retryAt(error: unknown): number | null {
  return error instanceof ApiError && error.status === 429 ? error.retryAt : null
}

/**
 * The error a failed answer stands for. body: as text, for it may be a proxy's page. retryAfter: the
 * header of that name, in seconds or as a date.
 */
export function toApiError(status: number, body: string, retryAfter: string | null = null) {
  return new ApiError(status, problemIn(body), retryAfter === null ? null : momentOf(retryAfter))
}

function problemIn(body: string): Problem | null {
  try {
    const parsed: unknown = JSON.parse(body)
    const isProblem = typeof parsed === 'object' && parsed !== null && 'message' in parsed
    return isProblem ? (parsed as Problem) : null
  } catch {
    return null
  }
}

function momentOf(retryAfter: string): number | null {
  const seconds = Number(retryAfter)
  const moment = Number.isNaN(seconds) ? Date.parse(retryAfter) : Date.now() + seconds * 1000
  return Number.isNaN(moment) ? null : moment
}
