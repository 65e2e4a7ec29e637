import { useEffect, useEffectEvent, useState } from 'react'

import { retryAt } from '../../api/problem.ts'
import type { Submission } from '../../api/submission.ts'

export type Later = {
  /** When the server takes more, in milliseconds since 1970. */
  at: number
  /** How many videos wait for it on this page. */
  saved: number
  cancel: () => void
}

/** How long a page is asked to stay open for a video to be sent from it. */
const LONGEST_MS = 15 * 60_000

/**
 * Videos the server is too busy for, sent by themselves once it takes more.
 * errors: what was last answered; the latest moment they name counts.
 */
export function useLater(errors: unknown[], send: (submission: Submission) => Promise<unknown>) {
  const moments = errors.flatMap((error) => retryAt(error) ?? [])
  const latest = moments.length === 0 ? null : Math.max(...moments)
  const [passed, setPassed] = useState<number | null>(null)
  const [saved, setSaved] = useState<Submission[]>([])
  // Once something is saved here, it is sent whenever the server takes it.
  const isSoon = latest !== null && (saved.length > 0 || isNear(latest))
  const at = isSoon ? latest : null
  const save = (submission: Submission) => setSaved((before) => [...before, submission])

  const sendSaved = useEffectEvent(() => {
    setPassed(at)
    setSaved([])
    for (const submission of saved) {
      send(submission).catch((error: unknown) => {
        // Too early once more: it keeps its place on this page, and its key.
        if (retryAt(error) !== null) save(submission)
      })
    }
  })

  useEffect(() => {
    if (at === null) return
    const timer = setTimeout(() => sendSaved(), at - Date.now())
    return () => clearTimeout(timer)
  }, [at])

  const ahead = at !== null && at !== passed
  const later: Later | null = ahead ? { at, saved: saved.length, cancel: () => setSaved([]) } : null
  /** When there is more, where that is too far away to keep this page open for. */
  const from = latest !== null && at === null ? latest : null
  return { later, from, save }
}

function isNear(moment: number): boolean {
  return moment - Date.now() <= LONGEST_MS
}
