import { Check, CopyIcon, X } from 'lucide-react'
import { useState } from 'react'

import { cx } from '../../../lib/cx.ts'
import { copyText } from '../../../lib/share.ts'

type CopyProps = {
  text: string
  /** What is copied: "prompt id". */
  of: string
  /** With the word, not only the sign. */
  worded?: boolean
}

type Done = 'copied' | 'refused' | null

const SIGNS = { copied: Check, refused: X, none: CopyIcon }
const WORDS = { copied: 'Copied', refused: "Can't copy", none: 'Copy' }

/** Puts a text on the clipboard. */
export function Copy({ text, of, worded = false }: CopyProps) {
  const [done, setDone] = useState<Done>(null)
  const Sign = SIGNS[done ?? 'none']
  const copy = async () => setDone((await copyText(text)) ? 'copied' : 'refused')
  return (
    <button
      type="button"
      aria-label={`Copy ${of}`}
      title={`Copy ${of}`}
      className={cx(
        'relative inline-flex h-6 min-w-6 shrink-0 items-center justify-center gap-1 rounded-lg align-middle text-xs text-muted hover:bg-raised hover:text-ink pointer-coarse:h-11 pointer-coarse:min-w-11',
        worded && 'px-2',
      )}
      onClick={() => void copy()}
      onBlur={() => setDone(null)}
    >
      <Sign size={13} className={cx(done === 'copied' && 'text-ok')} aria-hidden />
      {worded && WORDS[done ?? 'none']}
      <output className="sr-only">{done && WORDS[done]}</output>
    </button>
  )
}
