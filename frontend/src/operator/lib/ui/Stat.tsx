import type { ReactNode } from 'react'

import { cx } from '../../../lib/cx.ts'

type StatProps = {
  label: string
  value: ReactNode
  /** A few words under the value. */
  hint?: ReactNode
  tone?: 'usual' | 'warn' | 'bad'
  testId?: string
}

const TONES = { usual: 'text-ink', warn: 'text-warn', bad: 'text-bad' }

/** Stats side by side, as many as fit. */
export function Stats({ children }: { children: ReactNode }) {
  return (
    <dl className="flex flex-wrap gap-px overflow-hidden rounded-chip border border-line bg-line">
      {children}
    </dl>
  )
}

/** One number that matters; stands among Stats. */
export function Stat({ label, value, hint, tone = 'usual', testId }: StatProps) {
  return (
    <div className="flex-1 basis-34 bg-surface px-3 py-2" data-testid={testId}>
      <dt className="text-xs text-muted">{label}</dt>
      <dd>
        <span className={cx('text-lg font-semibold tabular-nums', TONES[tone])}>{value}</span>
        {hint && <span className="block text-xs text-muted">{hint}</span>}
      </dd>
    </div>
  )
}
