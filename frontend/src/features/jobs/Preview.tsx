import { useEffect, useEffectEvent, useRef } from 'react'

import { usePinned } from '../../lib/usePinned.ts'

type PreviewProps = {
  url: string
  label: string
  /** There is all of it; otherwise a longer file may follow. */
  whole: boolean
  /** Where to begin, in seconds. */
  start: number
  /** It is out of sight, or cannot be had. */
  onLeave: () => void
  onBroken: () => void
}

/** A video that plays in the place of its poster: silent, over and over, until it is out of sight. */
export function Preview({ url, label, whole, start, onLeave, onBroken }: PreviewProps) {
  const video = useRef<HTMLVideoElement>(null)
  const place = useRef(start)
  const leave = useEffectEvent(onLeave)

  useEffect(() => {
    if (video.current === null || !('IntersectionObserver' in globalThis)) return
    const watching = new IntersectionObserver((entries) => {
      if (entries.at(-1)?.isIntersecting === false) leave()
    })
    watching.observe(video.current)
    return () => watching.disconnect()
  }, [])

  return (
    <video
      ref={video}
      src={usePinned(url) ?? url}
      data-testid={whole ? 'preview-video' : 'growing-video'}
      aria-label={label}
      className="absolute inset-0 size-full"
      muted
      autoPlay
      loop
      playsInline
      disablePictureInPicture
      onLoadedMetadata={({ currentTarget }) => {
        if (place.current > 0) currentTarget.currentTime = place.current
      }}
      onTimeUpdate={({ currentTarget }) => {
        place.current = currentTarget.currentTime
      }}
      onError={onBroken}
    />
  )
}
