import { Lock } from 'lucide-react'
import { useState } from 'react'

import { keep, recall } from '../lib/stored.ts'

const SEEN = 'consent'

/** Said once in a browser, to whoever comes with pictures. */
export function Consent() {
  const [seen, setSeen] = useState(() => recall<boolean>('localStorage', SEEN) ?? false)
  if (seen) return null
  const dismiss = () => {
    keep('localStorage', SEEN, true)
    setSeen(true)
  }
  return (
    <p
      data-testid="consent"
      className="flex flex-wrap items-center gap-x-2 px-1 pt-3 text-[13px] text-muted"
    >
      <Lock size={14} className="shrink-0" aria-hidden />
      <span className="min-w-0 max-sm:flex-1 max-sm:basis-52">
        Use pictures of people only with their consent. Only you can see your files.
      </span>
      <button
        type="button"
        className="min-h-11 rounded-chip px-3 font-medium text-ink hover:bg-raised"
        onClick={dismiss}
      >
        Got it
      </button>
    </p>
  )
}
