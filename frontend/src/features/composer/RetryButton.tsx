import { RotateCcw } from 'lucide-react'
import { useEffect, useState } from 'react'

import { momentWords } from '../../lib/time.ts'

type RetryButtonProps = {
  label: string
  /** Before then the server takes it no more, in milliseconds since 1970. */
  at: number | undefined
  className: string
  onRetry: () => void
}

/** What a browser's timers take at most: some 24 days. */
const LONGEST_MS = 2 ** 31 - 1

export function RetryButton({ label, at, className, onRetry }: RetryButtonProps) {
  const [passed, setPassed] = useState<number>()
  const waits = at !== undefined && at !== passed

  useEffect(() => {
    if (at === undefined) return
    const timer = setTimeout(() => setPassed(at), Math.min(at - Date.now(), LONGEST_MS))
    return () => clearTimeout(timer)
  }, [at])

  const name = waits ? `Retry ${label} from ${momentWords(at)}` : `Retry ${label}`
  return (
    <button
      type="button"
      className={className}
      aria-label={name}
      title={name}
      aria-disabled={waits}
      onClick={() => {
        if (!waits) onRetry()
      }}
    >
      <RotateCcw size={16} className={waits ? 'opacity-50' : undefined} aria-hidden />
    </button>
  )
}
