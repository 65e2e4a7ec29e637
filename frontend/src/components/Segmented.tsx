import { useId, type ReactNode } from 'react'

import type { Choice } from '../lib/choices.ts'
import { cx } from '../lib/cx.ts'

type SegmentedProps<T extends string> = {
  label: string
  choices: readonly Choice<T>[]
  value: T
  onChange: (value: T) => void
  disabled?: boolean
  /** A sentence under the choices. */
  hint?: string | undefined
  icons?: Record<T, ReactNode>
  /** A few words under each choice. */
  notes?: Record<T, string | null>
}

/** A few choices side by side; native radio buttons, so arrow keys work. */
export function Segmented<T extends string>(props: SegmentedProps<T>) {
  const { label, choices, value, onChange, disabled = false, hint, icons, notes } = props
  const id = useId()
  return (
    <fieldset
      disabled={disabled}
      className="min-w-0"
      aria-describedby={hint ? `${id}-hint` : undefined}
    >
      <legend className="mb-1.5 font-medium">{label}</legend>
      <div className="flex gap-1 rounded-chip border border-line bg-bg p-1">
        {choices.map((choice) => (
          <label
            key={choice.value}
            className={cx(
              'flex min-h-9 min-w-0 flex-1 flex-wrap content-center items-center justify-center gap-x-1.5 rounded-lg px-2 text-center transition-colors duration-150',
              'has-focus-visible:outline-2 has-focus-visible:outline-accent pointer-coarse:min-h-11',
              notes && 'min-h-12',
              disabled ? 'cursor-not-allowed text-control' : 'text-muted hover:text-ink',
              !disabled && choice.value === value && 'bg-raised font-medium !text-ink',
            )}
          >
            <input
              type="radio"
              name={id}
              className="sr-only"
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
            />
            {icons?.[choice.value]}
            {choice.label}
            {notes?.[choice.value] && (
              <span className="w-full text-xs leading-tight font-normal text-muted tabular-nums">
                {notes[choice.value]}
              </span>
            )}
          </label>
        ))}
      </div>
      {hint && (
        <p id={`${id}-hint`} className="mt-1.5 text-xs text-muted">
          {hint}
        </p>
      )}
    </fieldset>
  )
}
