import { useState, type CSSProperties, type ReactNode } from 'react'

import { cx } from '../../lib/cx.ts'
import { usePicture } from '../../lib/usePinned.ts'

type StageProps = {
  posterUrl: string | null
  shape: number
  /** The card that stands out. */
  large: boolean
  /** There is a video, though it may not play; the job runs, with no video yet; it gave none. */
  look: 'video' | 'running' | 'ended'
  children?: ReactNode
  /** What stands under the picture. */
  foot?: ReactNode
}

const LOOKS = { video: '', running: 'opacity-50', ended: 'opacity-35 grayscale' }

/**
 * Where a job's picture or video stands, in its true shape. It is as high as when it was first
 * shown, so nothing moves.
 */
export function Stage({ posterUrl, shape, large, look, children, foot }: StageProps) {
  const poster = usePicture(posterUrl)
  const [first] = useState({ shape, look })
  return (
    <div
      style={{ '--first-shape': first.shape } as CSSProperties}
      className={cx(
        'relative flex min-w-0 flex-col overflow-hidden bg-stage',
        first.look === 'ended' ? 'min-h-48' : 'min-h-[min(24rem,100cqw/var(--first-shape))]',
        large ? '@2xl:min-h-96 @2xl:flex-1' : 'flex-1',
      )}
    >
      {poster && (
        <img
          src={poster}
          alt=""
          className="absolute inset-0 size-full scale-110 object-cover opacity-30 blur-2xl"
        />
      )}
      <div className="stage relative grid min-h-0 flex-1 place-items-center">
        <div
          className={cx('true-shape relative overflow-hidden bg-stage', !large && 'max-h-96')}
          style={{ '--shape': shape } as CSSProperties}
        >
          {poster && (
            <img
              src={poster}
              alt=""
              className={cx('absolute inset-0 size-full object-cover', LOOKS[look])}
            />
          )}
          {children}
        </div>
      </div>
      {foot}
    </div>
  )
}
