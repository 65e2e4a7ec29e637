import { useId, useRef, type KeyboardEvent, type ReactNode, type ToggleEvent } from 'react'

import { cx } from '../lib/cx.ts'

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

/** A button with a list of choices: a native popover, a sheet from the bottom edge on phones. */
export function Menu({ label, children, buttonClass, testId, atEnd, items, footer }: MenuProps) {
  const id = useId()
  const panel = useRef<HTMLDivElement>(null)

  const all = () => Array.from(panel.current?.querySelectorAll<HTMLElement>(ITEMS) ?? [])

  const onToggle = (event: ToggleEvent<HTMLDivElement>) => {
    if (event.newState !== 'open') return
    const checked = panel.current?.querySelector<HTMLElement>('[aria-checked="true"]')
    ;(checked ?? all()[0])?.focus()
  }

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
        className={cx('menu', atEnd && 'menu-end')}
        onToggle={onToggle}
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
