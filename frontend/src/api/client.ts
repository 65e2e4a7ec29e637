import type { http } from './http.ts'

// The page is drawn before anything is asked for; this begins to load at once all the same.
const loading = import('./http.ts')

type Http = typeof http

/** The API by its paths. Failures are thrown as ApiError. */
export const client = {
  GET: once('GET'),
  POST: once('POST'),
  PUT: once('PUT'),
  PATCH: once('PATCH'),
  DELETE: once('DELETE'),
}

/** A method of the API, called once it is loaded. */
function once<Method extends 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'>(
  method: Method,
): Http[Method] {
  type Ask = (...asked: unknown[]) => unknown
  const ask: Ask = async (...asked) => ((await loading).http[method] as Ask)(...asked)
  return ask as Http[Method]
}

/** The data of an answer; failures were thrown before. */
export async function dataOf<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T
}
