import { useImperativeHandle, useRef, useState, type PointerEvent, type Ref } from 'react'

import { cx } from '../../lib/cx.ts'
import { wantsStillness } from '../../lib/motion.ts'
import { usePlayer } from './usePlayer.ts'

export type PlayerHandle = { playFrom: (seconds: number) => void }

type PlayerProps = {
  url: string
  poster: string | null
  label: string
  /** This is the whole video; otherwise a longer file may follow. */
  whole: boolean
  /** More of it is being made. */
  grows: boolean
  ref: Ref<PlayerHandle>
  /** The file that is seen cannot be had. */
  onBroken: () => void
}

/** A video that gets longer while it is watched. */
export function Player({ url, poster, label, whole, grows, ref, onBroken }: PlayerProps) {
  const { places, front, shown, pending, waiting, onPlayback } = usePlayer(url)
  const [first] = useState({ url, whole })
  const touched = useRef(false)
  const peeks = useRef(false)
  const done = whole && pending === null

  useImperativeHandle(ref, () => ({
    playFrom: (seconds) => {
      const video = front.current
      if (video === null) return
      video.currentTime = seconds
      // A browser may refuse, or another press come first: then it stands at the place.
      video.play().catch(() => {})
    },
  }))

  // A browser that wants a press before a video may sound wants it for each of the two.
  const onPress = () => {
    peeks.current = false
    if (touched.current || pending !== null) return
    touched.current = true
    hiddenOf(front.current)?.load()
  }

  // Under a pointer a result plays without sound, until the person does something with it.
  const onPointer = ({ type, pointerType, currentTarget }: PointerEvent) => {
    const video = currentTarget.querySelector('video')
    const enters = type === 'pointerenter'
    if (video === null || !done || pointerType !== 'mouse' || wantsStillness()) return
    if (enters ? !video.paused : !peeks.current) return
    peeks.current = enters
    peek(video, enters)
  }

  return (
    <div
      className="relative size-full"
      onClickCapture={onPress}
      onKeyDownCapture={onPress}
      onPointerEnter={onPointer}
      onPointerLeave={onPointer}
    >
      {places.map(({ ref, src }, slot) => {
        const seen = slot === shown.slot
        if (!seen && done) return null
        return (
          <video
            // eslint-disable-next-line react/no-array-index-key -- the two places never change
            key={slot}
            ref={ref}
            src={src ?? undefined}
            data-testid={seen ? (done ? 'result-video' : 'growing-video') : 'next-video'}
            className={cx('absolute inset-0 size-full', seen && 'z-1')}
            poster={poster ?? undefined}
            aria-label={seen ? label : undefined}
            aria-hidden={!seen}
            tabIndex={seen ? undefined : -1}
            muted={!first.whole}
            autoPlay={!first.whole && src === first.url && !wantsStillness()}
            controls={seen}
            loop={seen && done}
            playsInline
            preload={done ? 'metadata' : 'auto'}
            onPlay={onPlayback}
            onPause={onPlayback}
            onEnded={onPlayback}
            onSeeking={onPlayback}
            onError={seen ? onBroken : undefined}
          />
        )
      })}
      {waiting && grows && (
        <output
          data-testid="more-coming"
          className="absolute inset-x-0 top-3 z-2 mx-auto w-fit rounded-full bg-bg/85 px-3 py-1 text-xs font-medium"
        >
          More is on its way
        </output>
      )}
    </div>
  )
}

function peek(video: HTMLVideoElement, on: boolean): void {
  video.muted = on
  // It may not be allowed, or the pointer be gone before it began: then it stands still.
  if (on) video.play().catch(() => {})
  else video.pause()
}

function hiddenOf(front: HTMLVideoElement | null): HTMLVideoElement | null {
  return front?.parentElement?.querySelector<HTMLVideoElement>('[aria-hidden="true"]') ?? null
}
