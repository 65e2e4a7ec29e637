import { useState } from 'react'

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

function pathOf(url: string | null): string | undefined {
  return url?.split('?')[0]
}
