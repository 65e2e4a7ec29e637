import { useEffect, useRef, useState } from 'react'

import type { Bounds, Part } from '../../lib/trim.ts'

export type PartPlayer = ReturnType<typeof usePartPlayer>

/** Plays a part of a file from its first edge to its last one, and moves a line along. */
export function usePartPlayer({ start, end }: Part, { duration }: Bounds) {
  const media = useRef<HTMLMediaElement>(null)
  const line = useRef<HTMLDivElement>(null)
  const [playing, setPlaying] = useState(false)

  useEffect(() => {
    const file = media.current
    if (!playing || file === null) return
    let frame = 0
    const follow = () => {
      place(line.current, file.currentTime / duration)
      // It plays on under a hidden page, where no frame is drawn, so its own clock counts too.
      if (file.currentTime >= end) file.pause()
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(follow)
    }
    follow()
    file.addEventListener('timeupdate', follow)
    return () => {
      cancelAnimationFrame(frame)
      file.removeEventListener('timeupdate', follow)
    }
  }, [playing, end, duration])

  const show = (seconds: number) => {
    const file = media.current
    if (file === null) return
    file.pause()
    file.currentTime = seconds
    place(line.current, seconds / duration)
  }

  const toggle = () => {
    const file = media.current
    if (file === null) return
    if (playing) return file.pause()
    file.currentTime = start
    // A browser may refuse, or another press come first: then it stands at the place.
    file.play().catch(() => {})
  }

  const events = {
    onLoadedMetadata: () => show(start),
    onPlay: () => setPlaying(true),
    onPause: () => setPlaying(false),
    onEnded: () => setPlaying(false),
  }
  return { media, line, playing, show, toggle, events }
}

function place(line: HTMLDivElement | null, share: number) {
  if (line) line.style.left = `${Math.min(1, share) * 100}%`
}
