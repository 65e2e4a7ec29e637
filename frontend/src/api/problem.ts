import type { FieldError, Problem } from './types.ts'

/** An answer other than success. problem: null when what answered was not the gateway itself. */
export class ApiError extends Error {
  readonly status: number
  readonly problem: Problem | null

  constructor(status: number, problem: Problem | null) {
    super(problem?.message ?? `HTTP ${status}`)
    this.status = status
    this.problem = problem
  }
}

export type ProblemWords = { lines: string[]; reference: string | null }

const BY_STATUS: Record<number, string> = {
  401: 'You are signed out. Your files are kept. Sign in again.',
  403: 'You may not do this here. Ask your team for access.',
  404: 'This is gone. Reload the page.',
  413: 'This file is too large. Choose a smaller or shorter one.',
  415: 'This kind of file does not work. Choose another one.',
  429: 'That was a lot at once. Wait a moment, then try again.',
}

const AWAY = 'We cannot be reached right now. Your files are kept. Try again.'
const OURS = 'Something went wrong on our side. Your files are kept. Try again.'

/** What happened, what is kept and what to do, for any failed request. */
export function problemWords(error: unknown): ProblemWords {
  if (!(error instanceof ApiError)) return { lines: [AWAY], reference: null }
  const { problem, status } = error
  if (problem === null) return { lines: [BY_STATUS[status] ?? OURS], reference: null }
  const details = (problem.errors ?? []).map((detail) => detail.message)
  return { lines: [...new Set([problem.message, ...details])], reference: problem.reference }
}

/** What a line of those words is about, where it is a part of the request. */
export function detailOf(error: unknown, line: string): FieldError | undefined {
  if (!(error instanceof ApiError)) return undefined
  return error.problem?.errors?.find((detail) => detail.message === line)
}

/** Whether the same request may work if it is simply sent again. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof ApiError) || [502, 503, 504].includes(error.status)
}

/** The error a failed answer stands for. body: as text, for it may be a proxy's page. */
export function toApiError(status: number, body: string): ApiError {
  try {
    const parsed: unknown = JSON.parse(body)
    const isProblem = typeof parsed === 'object' && parsed !== null && 'message' in parsed
    return new ApiError(status, isProblem ? (parsed as Problem) : null)
  } catch {
    return new ApiError(status, null)
  }
}
