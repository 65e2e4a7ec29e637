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

/** What a browser's timers take at most: some 24 days. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Videos the server is too busy for, sent by themselves once it takes more.
 * errors: what was last answered; the latest moment they name counts.
 */
export function useLater(errors: unknown[], send: (submission: Submission) => Promise<unknown>) {
  const moments = errors.flatMap((error) => retryAt(error) ?? [])
  const at = moments.length === 0 ? null : Math.max(...moments)
  const [passed, setPassed] = useState<number | null>(null)
  const [saved, setSaved] = useState<Submission[]>([])
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
    const left = Math.min(at - Date.now(), LONGEST_MS)
    const timer = setTimeout(() => sendSaved(), left)
    return () => clearTimeout(timer)
  }, [at])

  const ahead = at !== null && at !== passed
  const later: Later | null = ahead ? { at, saved: saved.length, cancel: () => setSaved([]) } : null
  return { later, save }
}
