import createClient from 'openapi-fetch'

import { tellSignedOut } from '../lib/signedIn.ts'
import { toApiError } from './problem.ts'
import type { paths } from './schema.gen.ts'

export const http = createClient<paths>({
  // A Request in tests wants an absolute address, and a stub of fetch that comes later must count.
  baseUrl: location.origin,
  fetch: (request) => globalThis.fetch(request),
})

http.use({
  async onResponse({ response }) {
    if (response.ok) return
    if (response.status === 401) tellSignedOut()
    const retryAfter = response.headers.get('Retry-After')
    throw toApiError(response.status, await response.text(), retryAfter)
  },
})
