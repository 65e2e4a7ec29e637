import { Clock, TriangleAlert } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'

import { cx } from '../lib/cx.ts'

type BannerProps = ComponentProps<'output'> & {
  tone: 'calm' | 'busy'
  action?: ReactNode
}

const TONES = {
  calm: { Icon: Clock, box: 'border-line bg-surface', sign: 'text-muted' },
  busy: { Icon: TriangleAlert, box: 'border-warn/40 bg-warn/10', sign: 'text-warn' },
}

/** What is worth knowing before anything else on the page. */
export function Banner({ tone, action, children, ...rest }: BannerProps) {
  const { Icon, box, sign } = TONES[tone]
  return (
    <output
      className={cx(
        'flex flex-wrap items-center gap-x-3 gap-y-1 rounded-card border p-3 sm:px-4',
        box,
      )}
      {...rest}
    >
      <Icon size={18} className={cx('shrink-0', sign)} aria-hidden />
      <span className="min-w-0 flex-1 basis-48">{children}</span>
      {action}
    </output>
  )
}
