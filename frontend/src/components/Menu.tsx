import {
  useEffect,
  useEffectEvent,
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react'

import { placeMenu } from './placeMenu.ts'

type MenuProps = {
  label: string
  /** What the button shows. */
  children: ReactNode
  buttonClass: string
  testId?: string
  /** Open towards the left, for a button at the right edge. */
  atEnd?: boolean
  /** The MenuItems. */
  items: ReactNode
  footer?: ReactNode
}

const ITEMS = '[role^="menuitem"]:not(:disabled)'
const PRESENT = '[aria-checked="true"]'

/** A button with a list of choices: a native popover, a sheet from the bottom edge on phones. */
export function Menu(props: MenuProps) {
  const { label, children, buttonClass, testId, atEnd = false, items, footer } = props
  const id = useId()
  const panel = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)

  const all = () => Array.from(panel.current?.querySelectorAll<HTMLElement>(ITEMS) ?? [])

  const place = useEffectEvent(() => {
    if (panel.current && button.current) placeMenu(panel.current, button.current, atEnd)
  })

  const focusFirst = useEffectEvent(() => {
    const present = panel.current?.querySelector<HTMLElement>(PRESENT)
    ;(present ?? all()[0])?.focus({ preventScroll: true })
  })

  useEffect(() => {
    if (!open) return
    const listening = new AbortController()
    const { signal } = listening
    place()
    focusFirst()
    window.addEventListener('scroll', () => place(), { passive: true, signal })
    window.addEventListener('resize', () => place(), { signal })
    return () => listening.abort()
  }, [open])

  const onKeyDown = (event: KeyboardEvent) => {
    const places = all()
    const at = places.indexOf(document.activeElement as HTMLElement)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    places.at(next % places.length)?.focus()
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        className={buttonClass}
        popoverTarget={id}
        aria-haspopup="menu"
        data-testid={testId}
      >
        {children}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        className="menu"
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        <div
          role="menu"
          tabIndex={-1}
          aria-label={label}
          onKeyDown={onKeyDown}
          onClick={() => panel.current?.hidePopover()}
        >
          {items}
        </div>
        {footer}
      </div>
    </>
  )
}
