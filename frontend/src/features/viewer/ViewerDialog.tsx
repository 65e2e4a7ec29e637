import { ChevronLeft, ChevronRight, X } from 'lucide-react'
import { useEffect, useEffectEvent, useId, useRef, type ReactNode } from 'react'

type ViewerDialogProps = {
  title: string
  /** The link of the page that has the focus when this is closed; else what opened it. */
  linkTo: string
  onNewer: (() => void) | null
  onOlder: (() => void) | null
  onClose: () => void
  children: ReactNode
}

/** A native modal dialog nearly as large as the page; the whole page on phones. */
export function ViewerDialog(props: ViewerDialogProps) {
  const { title, linkTo, onNewer, onOlder, onClose, children } = props
  const box = useRef<HTMLDialogElement>(null)
  const id = useId()
  const linkBack = useEffectEvent(() =>
    Array.from(document.links).find(({ pathname }) => pathname === linkTo),
  )

  useEffect(() => {
    const dialog = box.current
    const opener = document.activeElement as HTMLElement | null
    dialog?.showModal()
    // Not on its first button, which Space would press: it is to play.
    dialog?.focus()
    return () => {
      dialog?.close()
      // The video that is shown may be another one than the one that was opened.
      ;(linkBack() ?? opener)?.focus({ preventScroll: true })
    }
  }, [])

  return (
    <dialog
      ref={box}
      aria-labelledby={id}
      data-testid="viewer"
      tabIndex={-1}
      className="dialog outline-none max-sm:h-dvh max-sm:max-h-none max-sm:rounded-none max-sm:border-0 sm:h-[min(94dvh,60rem)] sm:max-h-none sm:w-[96vw] sm:max-w-7xl"
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      // A browser closes it by itself when Escape is pressed twice.
      onClose={() => {
        if (box.current?.open === false) onClose()
      }}
      onPointerDown={(event) => {
        if (event.target === box.current) onClose()
      }}
    >
      <div className="flex h-full flex-col">
        <div className="flex items-center gap-1 border-b border-line px-2 sm:px-3">
          <h2 id={id} className="min-w-0 flex-1 truncate px-2 font-semibold">
            {title}
          </h2>
          <Turn label="Newer video" testId="newer" onPress={onNewer}>
            <ChevronLeft size={20} aria-hidden />
          </Turn>
          <Turn label="Older video" testId="older" onPress={onOlder}>
            <ChevronRight size={20} aria-hidden />
          </Turn>
          <Turn label="Close" testId="viewer-close" onPress={onClose}>
            <X size={20} aria-hidden />
          </Turn>
        </div>
        {children}
      </div>
    </dialog>
  )
}

type TurnProps = {
  label: string
  testId: string
  /** null: there is nothing on that side. */
  onPress: (() => void) | null
  children: ReactNode
}

function Turn({ label, testId, onPress, children }: TurnProps) {
  return (
    <button
      type="button"
      aria-label={label}
      // Not disabled, for it may have the focus when the last one is reached.
      aria-disabled={onPress === null}
      data-testid={testId}
      className="grid size-11 shrink-0 place-items-center rounded-chip text-muted hover:bg-line/70 hover:text-ink aria-disabled:cursor-not-allowed aria-disabled:text-control aria-disabled:hover:bg-transparent"
      onClick={() => onPress?.()}
    >
      {children}
    </button>
  )
}
