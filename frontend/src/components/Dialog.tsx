import { X } from 'lucide-react'
import { useEffect, useId, useRef, type ReactNode } from 'react'

import { cx } from '../lib/cx.ts'

type DialogProps = {
  title: string
  /** A sentence under the title. */
  hint?: string
  testId: string
  /** As wide as the page, for pictures that stand side by side. */
  wide?: boolean
  /** The buttons; at the bottom, always in sight. */
  foot?: ReactNode
  /** Escape, the cross or a press beside it. */
  onClose: () => void
  children: ReactNode
}

/** A native modal dialog, open while it is rendered; a sheet from the bottom edge on phones. */
export function Dialog({ title, hint, testId, wide, foot, onClose, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null)
  const id = useId()

  useEffect(() => {
    const dialog = box.current
    const opener = document.activeElement as HTMLElement | null
    dialog?.showModal()
    return () => {
      dialog?.close()
      opener?.focus({ preventScroll: true })
    }
  }, [])

  return (
    <dialog
      ref={box}
      aria-labelledby={`${id}-title`}
      aria-describedby={hint ? `${id}-hint` : undefined}
      data-testid={testId}
      className={cx('dialog', wide && 'dialog-wide')}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onPointerDown={(event) => {
        if (event.target === box.current) onClose()
      }}
    >
      <div className="flex max-h-[inherit] flex-col">
        <header className="flex items-start gap-3 px-4 pt-4 pb-3 sm:px-5">
          <div className="min-w-0 flex-1">
            <h2 id={`${id}-title`} className="text-base font-semibold">
              {title}
            </h2>
            {hint && (
              <p id={`${id}-hint`} className="text-[13px] text-muted">
                {hint}
              </p>
            )}
          </div>
          <button
            type="button"
            aria-label="Close"
            className="-mt-1.5 -mr-1.5 grid size-11 shrink-0 place-items-center rounded-chip text-muted hover:bg-line/70 hover:text-ink"
            onClick={onClose}
          >
            <X size={18} aria-hidden />
          </button>
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-4 sm:px-5">{children}</div>
        {foot && (
          <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-5">
            {foot}
          </footer>
        )}
      </div>
    </dialog>
  )
}
