import { useMemo } from 'react'

import { usePromise } from '../../api/jobs.ts'
import { ApiError } from '../../api/problem.ts'
import { useSubmitJob } from '../../api/submission.ts'
import { newKey } from '../../lib/newKey.ts'
import { useDebounced } from '../../lib/useDebounced.ts'
import type { Draft } from './draft.ts'
import { toRequest } from './request.ts'
import { useLater } from './useLater.ts'

/** onSent: a press of Generate is on its way. onAccepted: a new video is. */
type Told = { onSent: () => void; onAccepted: () => void }

/** A draft's way to the server: what it would make, why it is refused, and making it. */
export function useGenerate(draft: Draft, { onSent, onAccepted }: Told) {
  const request = useMemo(() => toRequest(draft), [draft])
  const promise = usePromise(useDebounced(request, 300))
  const submit = useSubmitJob()
  const { later, from, save } = useLater([submit.error, promise.error], submit.mutateAsync)

  const generate = () => {
    if (request === null) return
    const at = new Date().toISOString()
    const submission = { key: newKey(), request, posterUrl: posterOf(draft), at }
    if (later) return save(submission)
    onSent()
    submit.mutate(submission, { onSuccess: onAccepted })
  }

  // A refusal is about the request it was given for; after a change it says nothing any more.
  const refused = submit.variables?.request === request ? submit.error : null
  return {
    generate,
    promised: request !== null && !promise.isError ? promise.data : undefined,
    refusal: refused ?? (request !== null && isAboutRequest(promise.error) ? promise.error : null),
    later,
    from,
    /** It is sent once the network is back. */
    waiting: submit.isPaused,
  }
}

function isAboutRequest(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500
}

function posterOf(draft: Draft): string | null {
  const character = draft.chips.find((chip) => chip.role === 'ground-truth')
  if (character?.status.state !== 'ready') return null
  return character.preview ?? character.status.asset.thumbnail_url
}
