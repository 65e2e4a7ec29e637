import { Check } from 'lucide-react'

import type { Promised } from '../../api/types.ts'
import { Parts } from '../../components/Parts.tsx'
import { promiseWords } from './promiseWords.ts'

/** What Generate will make: the result is held to it. */
export function PromiseLine({ promised }: { promised: Promised }) {
  return (
    <p className="flex items-start gap-2" data-testid="promise">
      <Check size={16} className="mt-0.5 shrink-0 text-ok" aria-hidden />
      <span className="min-w-0 tabular-nums">
        <Parts parts={promiseWords(promised)} />
      </span>
    </p>
  )
}
