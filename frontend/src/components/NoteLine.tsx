import { CircleAlert, Clock, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

import { cx } from '../lib/cx.ts'

export type Tone = 'hint' | 'wait' | 'warn' | 'bad'

const TONES = {
  hint: { Icon: Info, colour: 'text-muted' },
  wait: { Icon: Clock, colour: 'text-muted' },
  warn: { Icon: TriangleAlert, colour: 'text-warn' },
  bad: { Icon: CircleAlert, colour: 'text-bad' },
}

/** One sentence with the sign of how much it matters, and maybe a button. */
export function NoteLine({
  tone,
  children,
  action,
}: {
  tone: Tone
  children: ReactNode
  action?: ReactNode
}) {
  const { Icon, colour } = TONES[tone]
  return (
    <div className={cx('flex items-start gap-2', colour)}>
      <Icon size={16} className="mt-0.5 shrink-0" aria-hidden />
      <span className="min-w-0 flex-1">
        {children} {action}
      </span>
    </div>
  )
}
