import { useState } from 'react'

import { usePinned } from '../../lib/usePinned.ts'

/** An address that fails this soon after it was signed has another fault than its age. */
const LATELY_MS = 60_000

type Address = {
  url: string
  video: HTMLVideoElement | null
  /** The address signed anew; null when it cannot be had. */
  askAgain: () => Promise<string | null>
}

/** A signed address that stays the same until its video fails: then it is asked for once more. */
export function useAddress({ url, video, askAgain }: Address) {
  const pinned = usePinned(url) ?? url
  const [fresh, setFresh] = useState({ of: '', url: '', at: 0 })
  const [broken, setBroken] = useState(false)
  const isFresh = fresh.of === pinned
  const src = isFresh ? fresh.url : pinned

  const retry = async () => {
    const next = await askAgain()
    setBroken(next === null)
    if (next === null) return
    setFresh({ of: pinned, url: next, at: Date.now() })
    // It was the way to it that failed, and no change of the address loads it again.
    if (next === src) video?.load()
  }
  const onError = () => {
    if (isFresh && Date.now() - fresh.at < LATELY_MS) setBroken(true)
    else void retry()
  }
  return { src, broken, onError, retry }
}
