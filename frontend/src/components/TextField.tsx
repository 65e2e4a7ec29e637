import { useId, type ComponentProps } from 'react'

type TextFieldProps = Omit<ComponentProps<'input'>, 'onChange' | 'value'> & {
  label: string
  value: string
  onChange: (value: string) => void
  hint?: string
  /** What is wrong with the value. */
  fault?: string | null
}

export function TextField({ label, value, onChange, hint, fault = null, ...rest }: TextFieldProps) {
  const id = useId()
  const note = fault ?? hint
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1.5 block font-medium">
        {label}
      </label>
      <input
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={fault !== null}
        aria-describedby={note ? `${id}-note` : undefined}
        className="min-h-11 w-full rounded-chip border border-line bg-bg px-3 text-base placeholder:text-muted hover:border-control aria-invalid:border-bad sm:text-sm"
        {...rest}
      />
      {note && (
        <p
          id={`${id}-note`}
          className={fault ? 'mt-1.5 text-xs text-bad' : 'mt-1.5 text-xs text-muted'}
        >
          {note}
        </p>
      )}
    </div>
  )
}
