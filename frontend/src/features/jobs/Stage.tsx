import type { CSSProperties, ReactNode } from 'react'

import { cx } from '../../lib/cx.ts'
import { usePinned } from '../../lib/usePinned.ts'

type StageProps = {
  posterUrl: string | null
  shape: number
  /** The picture steps back while the job runs, and further when it gave no video. */
  dim: 'running' | 'ended'
  children?: ReactNode
  /** What stands under the picture. */
  foot?: ReactNode
}

/** Where a job's picture or video stands: as high while it runs as when it is done, so nothing moves. */
export function Stage({ posterUrl, shape, dim, children, foot }: StageProps) {
  const poster = usePinned(posterUrl)
  return (
    <div
      className={cx(
        'relative flex min-w-0 flex-col overflow-hidden bg-stage @2xl:h-auto @2xl:flex-1',
        dim === 'ended' ? 'min-h-56 flex-1' : 'h-96 @2xl:min-h-96',
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
          className="true-shape relative overflow-hidden bg-stage"
          style={{ '--shape': shape } as CSSProperties}
        >
          {children ??
            (poster && (
              <img
                src={poster}
                alt=""
                className={cx(
                  'size-full object-cover',
                  dim === 'ended' ? 'opacity-35 grayscale' : 'opacity-50',
                )}
              />
            ))}
        </div>
      </div>
      {foot}
    </div>
  )
}
