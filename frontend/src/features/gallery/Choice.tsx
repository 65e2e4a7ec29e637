import { ChevronDown } from 'lucide-react'

import { Menu } from '../../components/Menu.tsx'
import { MenuItem } from '../../components/MenuItem.tsx'
import { cx } from '../../lib/cx.ts'

type ChoiceProps<T extends string> = {
  label: string
  /** Without a choice. */
  all: string
  options: readonly T[]
  words: Record<T, string>
  value: T | null
  onChange: (value: T | null) => void
}

/** One thing to filter by, or all. */
export function Choice<T extends string>(props: ChoiceProps<T>) {
  const { label, all, options, words, value, onChange } = props
  return (
    <Menu
      label={label}
      testId={`filter-${label.toLowerCase()}`}
      atEnd
      buttonClass={cx(
        'inline-flex min-h-11 flex-1 items-center justify-between gap-2 rounded-chip border px-3 whitespace-nowrap hover:border-control sm:flex-none',
        value === null ? 'border-line text-muted' : 'border-accent text-ink',
      )}
      items={
        <>
          <MenuItem title={all} checked={value === null} onChoose={() => onChange(null)} />
          {options.map((option) => (
            <MenuItem
              key={option}
              title={words[option]}
              checked={value === option}
              testId={`filter-${option}`}
              onChoose={() => onChange(option)}
            />
          ))}
        </>
      }
    >
      {value === null ? all : words[value]}
      <ChevronDown size={16} aria-hidden />
    </Menu>
  )
}
