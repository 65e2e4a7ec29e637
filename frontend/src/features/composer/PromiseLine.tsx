import { Check } from 'lucide-react'
import { Fragment } from 'react'

import type { Promised } from '../../api/types.ts'
import { labelOf, QUALITIES } from '../../lib/choices.ts'
import { lengthWords, waitWords } from '../../lib/time.ts'

/** What Generate will make: the result is held to it. */
export function PromiseLine({ promised }: { promised: Promised }) {
  return (
    <p className="flex items-start gap-2" data-testid="promise">
      <Check size={16} className="mt-0.5 shrink-0 text-ok" aria-hidden />
      <span className="min-w-0 tabular-nums">
        {promiseWords(promised).map((part, index) => (
          <Fragment key={part}>
            {index > 0 && ' · '}
            <span className="whitespace-nowrap">{part}</span>
          </Fragment>
        ))}
      </span>
    </p>
  )
}

function promiseWords(promised: Promised): string[] {
  const ahead = promised.queue_position - 1
  const { estimated_seconds: wait } = promised
  return [
    lengthWords(promised.duration_seconds),
    promised.aspect_ratio,
    labelOf(QUALITIES, promised.quality_profile),
    `${promised.width} × ${promised.height}`,
    ...(promised.has_audio ? [] : ['no sound']),
    ...(wait ? [`ready in ${waitWords(wait)}`] : []),
    ahead > 0 ? `${ahead} ahead of you` : 'no one ahead of you',
  ]
}
