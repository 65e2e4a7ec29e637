import { ChevronRight } from 'lucide-react'
import { useState, type ReactNode } from 'react'

import { cx } from '../../../lib/cx.ts'

/** A heading that its content comes under once it is pressed; nothing of it is made before. */
export function Fold({ name, children }: { name: string; children: ReactNode }) {
  const [open, setOpen] = useState(false)
  return (
    <div className="overflow-hidden rounded-chip border border-line bg-surface">
      <button
        type="button"
        aria-expanded={open}
        className="flex min-h-8 w-full items-center gap-1.5 px-2 text-left text-[13px] hover:bg-raised pointer-coarse:min-h-11"
        onClick={() => setOpen(!open)}
      >
        <ChevronRight size={14} className={cx('text-muted', open && 'rotate-90')} aria-hidden />
        {name}
      </button>
      {open && children}
    </div>
  )
}
