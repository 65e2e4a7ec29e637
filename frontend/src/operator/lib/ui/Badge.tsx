import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  LoaderCircle,
  TriangleAlert,
} from 'lucide-react'
import type { ReactNode } from 'react'

import { cx } from '../../../lib/cx.ts'

/** ok: fine. busy: goes on. calm: waits, or is over. warn: to be watched. bad: to be acted on. off: taken out. */
export type Tone = 'ok' | 'busy' | 'calm' | 'warn' | 'bad' | 'off'

const TONES = {
  ok: { Icon: CircleCheck, look: 'border-ok/40 text-ok' },
  busy: { Icon: LoaderCircle, look: 'border-accent/50 text-accent' },
  calm: { Icon: CircleDashed, look: 'border-line text-muted' },
  warn: { Icon: TriangleAlert, look: 'border-warn/50 text-warn' },
  bad: { Icon: CircleAlert, look: 'border-bad/50 text-bad' },
  off: { Icon: Ban, look: 'border-line text-muted' },
}

type BadgeProps = { tone: Tone; children: ReactNode; title?: string; testId?: string }

/** A state: in words, with a sign and a colour. */
export function Badge({ tone, children, title, testId }: BadgeProps) {
  const { Icon, look } = TONES[tone]
  return (
    <span
      title={title}
      data-testid={testId}
      data-tone={tone}
      className={cx(
        'inline-flex min-h-5 items-center gap-1 rounded-full border px-2 text-xs font-medium whitespace-nowrap',
        look,
      )}
    >
      <Icon size={12} className="shrink-0" aria-hidden />
      {children}
    </span>
  )
}
