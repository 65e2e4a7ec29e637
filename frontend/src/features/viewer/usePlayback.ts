import { useEffect, useRef, useState } from 'react'

import { frameAt, timeOf, watchFrames } from '../../lib/playback.ts'

/** What can be done with a video beside its own controls. */
export type Playback = {
  /** The picture that is seen, from 0. */
  frame: number
  plays: boolean
  rate: number
  toggle: () => void
  setRate: (rate: number) => void
  /** Go so many pictures on, or back, and stand there. */
  move: (frames: number) => void
  skip: (seconds: number) => void
}

export function usePlayback(video: HTMLVideoElement | null, fps: number, frames: number): Playback {
  const [frame, setFrame] = useState(0)
  const [plays, setPlays] = useState(false)
  const [rate, setRate] = useState(1)
  // Keys come faster than pictures are drawn.
  const seen = useRef(0)
  const timing = { fps, frames }

  useEffect(() => {
    if (video === null) return
    const listening = new AbortController()
    const look = () => {
      setPlays(!video.paused)
      setRate(video.playbackRate)
    }
    for (const type of ['play', 'pause', 'ratechange']) {
      video.addEventListener(type, look, { signal: listening.signal })
    }
    const unwatch = watchFrames(video, { fps, frames }, (frame) => {
      seen.current = frame
      setFrame(frame)
    })
    return () => {
      listening.abort()
      unwatch()
    }
  }, [video, fps, frames])

  const goTo = (frame: number) => {
    const seconds = timeOf(frame, timing)
    seen.current = frameAt(seconds, timing)
    standAt(video, seconds)
  }

  return {
    frame,
    plays,
    rate,
    toggle: () => {
      if (video?.paused) video.play().catch(() => {})
      else video?.pause()
    },
    setRate: (rate) => {
      if (video === null) return
      // The other one is for when its file is loaded once more.
      Object.assign(video, { playbackRate: rate, defaultPlaybackRate: rate })
    },
    move: (by) => {
      video?.pause()
      goTo(seen.current + by)
    },
    skip: (seconds) => goTo(frameAt((video?.currentTime ?? 0) + seconds, timing)),
  }
}

function standAt(video: HTMLVideoElement | null, seconds: number): void {
  if (video !== null) video.currentTime = seconds
}
