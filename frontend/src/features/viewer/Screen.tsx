import type { CSSProperties, ReactNode } from 'react'

import { cx } from '../../lib/cx.ts'

type ScreenProps = {
  /** Width by height. */
  shape: number
  /** What it is, where there are two. */
  caption?: string | undefined
  className?: string
  children: ReactNode
}

/** Where a video stands: as large as its shape and the room allow. */
export function Screen({ shape, caption, className, children }: ScreenProps) {
  return (
    <figure className={cx('flex min-h-0 min-w-0 flex-1 flex-col', className)}>
      {caption && (
        <figcaption className="py-1.5 text-center text-xs text-muted">{caption}</figcaption>
      )}
      <div className="stage grid min-h-0 flex-1 place-items-center">
        <div
          className="true-shape relative overflow-hidden bg-stage"
          style={{ '--shape': shape } as CSSProperties}
        >
          {children}
        </div>
      </div>
    </figure>
  )
}
