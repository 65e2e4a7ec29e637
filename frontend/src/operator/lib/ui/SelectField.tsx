import { useId } from 'react'

type SelectFieldProps = {
  label: string
  value: string
  onChange: (value: string) => void
  choices: readonly { value: string; label: string }[]
  hint?: string
  testId?: string
}

/** One of several choices in a form. */
export function SelectField(props: SelectFieldProps) {
  const { label, value, onChange, choices, hint, testId } = props
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block font-medium">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={hint ? `${id}-note` : undefined}
        data-testid={testId}
        className="min-h-11 w-full rounded-chip border border-line bg-bg px-3 text-base hover:border-control sm:text-sm"
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      {hint && (
        <p id={`${id}-note`} className="mt-1 text-xs text-muted">
          {hint}
        </p>
      )}
    </div>
  )
}
