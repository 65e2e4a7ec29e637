import { useRef } from 'react'

import type { Asset } from '../../api/types.ts'
import { cx } from '../../lib/cx.ts'
import { useSource } from '../../lib/useSource.ts'

type MomentProps = {
  asset: Asset
  start: number
  /** The nearest picture there is, until the very one is. */
  still: string | undefined
  arrived: boolean
  onArrived: () => void
  onBroken: () => void
}

/** One frame of a clip, standing still. */
export function Moment({ asset, start, still, arrived, onArrived, onBroken }: MomentProps) {
  const video = useRef<HTMLVideoElement>(null)
  useSource(video, asset.proxy_url ?? asset.storage_url)
  // At the edge of a frame a browser may show the one before.
  const middle = start + 0.5 / (asset.fps ?? 30)

  return (
    <>
      {still !== undefined && (
        <img
          src={still}
          alt=""
          className={cx('absolute inset-0 size-full', !arrived && 'opacity-60')}
        />
      )}
      <video
        ref={video}
        aria-label="The first moment that is used"
        muted
        playsInline
        preload="auto"
        className={cx('absolute inset-0 size-full object-fill', !arrived && 'opacity-0')}
        onLoadedMetadata={({ currentTarget }) => {
          currentTarget.currentTime = Math.min(middle, currentTarget.duration)
        }}
        onSeeked={onArrived}
        onError={onBroken}
      />
      {!arrived && (
        <output className="absolute inset-x-0 bottom-2 z-1 mx-auto w-fit rounded-full bg-bg/85 px-3 py-1 text-xs">
          Finding the moment
        </output>
      )}
    </>
  )
}
