import { useState } from 'react'

import { usePinned } from '../../lib/usePinned.ts'

type Address = {
  url: string
  video: HTMLVideoElement | null
  /** The address signed anew; null when it cannot be had. */
  askAgain: () => Promise<string | null>
}

/** A signed address that stays the same until its video fails: then it is asked for once more. */
export function useAddress({ url, video, askAgain }: Address) {
  const pinned = usePinned(url) ?? url
  const [fresh, setFresh] = useState({ of: '', url: '' })
  const [broken, setBroken] = useState(false)
  const isFresh = fresh.of === pinned
  const src = isFresh ? fresh.url : pinned

  const retry = async () => {
    const next = await askAgain()
    setBroken(next === null)
    if (next === null) return
    setFresh({ of: pinned, url: next })
    // It was the way to it that failed, and no change of the address loads it again.
    if (next === src) video?.load()
  }
  const onError = () => {
    if (isFresh) setBroken(true)
    else void retry()
  }
  return { src, broken, onError, retry }
}
