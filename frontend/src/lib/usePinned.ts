import { useState } from 'react'

import { lifeLeft } from './lifeLeft.ts'

/**
 * A signed address that stays the same while it points at the same file. Every answer of the server
 * signs anew, and an address that changes makes a picture flicker and a video start over.
 */
export function usePinned(url: string | null): string | null {
  const [pinned, setPinned] = useState(url)
  if (pathOf(pinned) === pathOf(url)) return pinned
  setPinned(url)
  return url
}

/** As usePinned, for a picture: it may change its address once that has run out. */
export function usePicture(url: string | null): string | null {
  const [pinned, setPinned] = useState(url)
  if (pathOf(pinned) === pathOf(url) && !hasRunOut(pinned)) return pinned
  if (url !== pinned) setPinned(url)
  return url
}

function hasRunOut(url: string | null): boolean {
  return url !== null && lifeLeft(url) === 0
}

function pathOf(url: string | null): string | undefined {
  return url?.split('?')[0]
}
