import { Check } from 'lucide-react'

import type { Job } from '../../api/types.ts'
import { cx } from '../../lib/cx.ts'
import { STAGES, stageOf } from './jobWords.ts'

/** The way of a job, with what is behind it. Only where a card has room for it. */
export function StageList({ job }: { job: Job }) {
  const at = STAGES.findIndex(({ stage }) => stage === stageOf(job))
  return (
    <ol className="hidden space-y-2.5 text-[13px] @2xl:block">
      {STAGES.map(({ words }, index) => (
        <li
          key={words}
          aria-current={index === at ? 'step' : undefined}
          className={cx(
            'flex items-center gap-2.5',
            index === at ? 'font-medium text-ink' : 'text-muted',
          )}
        >
          <span
            className={cx(
              'grid size-4.5 place-items-center rounded-full border',
              index < at ? 'border-ok text-ok' : index === at ? 'border-accent' : 'border-line',
            )}
          >
            {index < at && <Check size={11} strokeWidth={3} aria-label="Done" />}
            {index === at && <span className="size-1.5 rounded-full bg-accent" />}
          </span>
          {words}
        </li>
      ))}
    </ol>
  )
}
