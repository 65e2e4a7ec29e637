import { Check } from 'lucide-react'
import type { ReactNode } from 'react'

type MenuItemProps = {
  icon?: ReactNode
  title: string
  hint?: string | undefined
  /** Given for one of several choices: whether it is the present one. */
  checked?: boolean
  testId?: string
  onChoose: () => void
}

export function MenuItem({ icon, title, hint, checked, testId, onChoose }: MenuItemProps) {
  return (
    <button
      type="button"
      role={checked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={checked}
      tabIndex={-1}
      data-testid={testId}
      onClick={onChoose}
      className="flex min-h-11 w-full items-center gap-3 rounded-chip px-3 py-2 text-left hover:bg-line/70 focus-visible:bg-line/70"
    >
      {icon && <span className="shrink-0 text-muted">{icon}</span>}
      <span className="min-w-0 flex-1">
        <span className="block font-medium">{title}</span>
        {hint && <span className="block text-xs text-muted">{hint}</span>}
      </span>
      {checked && <Check size={16} className="shrink-0 text-accent" aria-hidden />}
    </button>
  )
}
