import { useEffect, useRef } from 'react'

/** Where a video is, and whether it goes on. */
export type Place = { seconds: number; plays: boolean; muted: boolean }

/** Let a video begin at a place, and go on where it was when its file is another one. */
export function usePlace(video: HTMLVideoElement | null, first: Place) {
  const place = useRef<Place | null>(first)

  useEffect(() => {
    if (video === null) return
    const begin = () => {
      if (place.current === null) return
      void beginAt(video, place.current)
      place.current = null
    }
    video.addEventListener('loadedmetadata', begin)
    if (video.readyState >= video.HAVE_METADATA) begin()
    return () => video.removeEventListener('loadedmetadata', begin)
  }, [video])

  /** The file that is shown cannot be had any more. */
  return function keep(): void {
    if (video === null || place.current !== null) return
    place.current = { seconds: video.currentTime, plays: !video.paused, muted: video.muted }
  }
}

async function beginAt(video: HTMLVideoElement, { seconds, plays, muted }: Place): Promise<void> {
  video.muted = muted
  if (seconds > 0) video.currentTime = seconds
  if (!plays) return
  try {
    await video.play()
  } catch {
    // Some browsers let only a silent video start by itself.
    video.muted = true
    await video.play().catch(() => {})
  }
}
