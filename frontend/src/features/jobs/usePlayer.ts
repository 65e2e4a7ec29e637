import { useEffect, useRef, useState, type SyntheticEvent } from 'react'

import { handOver } from '../../lib/handOver.ts'

type Shown = { slot: 0 | 1; url: string }

/**
 * Two places for a video: one is seen, and in the other one a longer file gets ready to go on where
 * the first one is.
 *
 * waiting: the one that is seen played to its end, and would go on.
 */
export function usePlayer(url: string) {
  const [shown, setShown] = useState<Shown>({ slot: 0, url })
  const [waiting, setWaiting] = useState(false)
  const first = useRef<HTMLVideoElement>(null)
  const second = useRef<HTMLVideoElement>(null)
  const front = useRef<HTMLVideoElement | null>(null)
  const wanted = useRef(false)
  const pending = url === shown.url ? null : url

  useEffect(() => {
    const isFirst = shown.slot === 0
    const now = isFirst ? first.current : second.current
    const next = isFirst ? second.current : first.current
    front.current = now
    if (pending === null || now === null || next === null) return
    return handOver({
      now,
      next,
      plays: () => wanted.current && (!now.paused || now.ended),
      onDone: () => {
        front.current = next
        if (document.activeElement === now) next.focus({ preventScroll: true })
        setShown({ slot: isFirst ? 1 : 0, url: pending })
        setWaiting(false)
      },
    })
  }, [pending, shown.slot])

  const onPlayback = (event: SyntheticEvent<HTMLVideoElement>) => {
    const video = event.currentTarget
    // The hidden one plays and pauses too, which is not what the person does.
    if (video !== front.current) return
    if (event.type === 'play') wanted.current = true
    if (event.type === 'pause' && !video.ended) wanted.current = false
    setWaiting(event.type === 'ended' && wanted.current)
  }

  const places = [
    { ref: first, src: shown.slot === 0 ? shown.url : pending },
    { ref: second, src: shown.slot === 1 ? shown.url : pending },
  ]
  return { places, front, shown, pending, waiting, onPlayback }
}
