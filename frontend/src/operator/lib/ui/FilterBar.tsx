import { X } from 'lucide-react'
import { useId, type ComponentProps, type ReactNode } from 'react'

import { Button } from '../../../components/Button.tsx'

const FIELD =
  'h-8 w-full rounded-lg border border-line bg-bg px-2 text-[13px] placeholder:text-muted hover:border-control pointer-coarse:h-11 pointer-coarse:text-base'

type FilterBarProps = {
  label: string
  /** Whether anything is filtered by. */
  active: boolean
  onClear: () => void
  children: ReactNode
}

/** The filters of a page; hold their values with `useFilters`. */
export function FilterBar({ label, active, onClear, children }: FilterBarProps) {
  return (
    <search
      aria-label={label}
      className="grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] items-end gap-2"
    >
      {children}
      {active && (
        <Button
          look="quiet"
          className="!min-h-8 justify-self-start text-[13px] pointer-coarse:!min-h-11"
          onClick={onClear}
        >
          <X size={14} aria-hidden /> Clear filters
        </Button>
      )}
    </search>
  )
}

type FieldProps = { label: string; value: string | undefined; onChange: (value: string) => void }
type TextFilterProps = FieldProps & Omit<ComponentProps<'input'>, keyof FieldProps>

export function TextFilter({ label, value, onChange, ...rest }: TextFilterProps) {
  const id = useId()
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="block text-xs text-muted">
        {label}
      </label>
      <input
        id={id}
        autoComplete="off"
        spellCheck={false}
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value)}
        className={FIELD}
        {...rest}
      />
    </div>
  )
}

type ChoiceFilterProps = FieldProps & {
  choices: readonly { value: string; label: string }[]
  /** The words for all of them. */
  any?: string
}

export function ChoiceFilter({ label, value, onChange, choices, any = 'Any' }: ChoiceFilterProps) {
  const id = useId()
  const other = value && !choices.some((choice) => choice.value === value)
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="block text-xs text-muted">
        {label}
      </label>
      <select
        id={id}
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value)}
        className={FIELD}
      >
        <option value="">{any}</option>
        {/* An address can ask for what is not offered. */}
        {other && <option value={value}>{value}</option>}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  )
}

/** A moment by this clock; the value is as the API takes it, in UTC. */
export function TimeFilter({ label, value, onChange }: FieldProps) {
  return (
    <TextFilter
      label={label}
      type="datetime-local"
      step={1}
      value={value && localOf(value)}
      onChange={(local) => onChange(local && new Date(local).toISOString())}
    />
  )
}

function localOf(at: string): string {
  const moment = new Date(at)
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
