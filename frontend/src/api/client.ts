import createClient from 'openapi-fetch'

import { toApiError } from './problem.ts'
import type { paths } from './schema.gen.ts'

export const client = createClient<paths>({
  // A Request in tests wants an absolute address, and a stub of fetch that comes later must count.
  baseUrl: location.origin,
  fetch: (request) => globalThis.fetch(request),
})

client.use({
  async onResponse({ response }) {
    if (!response.ok) throw toApiError(response.status, await response.text())
  },
})

/** The data of an answer; failures were thrown before. */
export async function dataOf<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T
}
