import { useId } from 'react'

export const REASON_LEAST = 3
const REASON_MOST = 300

type ReasonFieldProps = { value: string; onChange: (value: string) => void }

/** Why something is changed; it stays in the audit. */
export function ReasonField({ value, onChange }: ReasonFieldProps) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block font-medium">
        Reason
      </label>
      <textarea
        id={id}
        required
        rows={2}
        minLength={REASON_LEAST}
        maxLength={REASON_MOST}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={`${id}-note`}
        data-testid="reason"
        className="w-full rounded-chip border border-line bg-bg px-3 py-2 text-base hover:border-control sm:text-sm"
      />
      <p id={`${id}-note`} className="mt-1 text-xs text-muted">
        At least {REASON_LEAST} characters. It stays in the audit.
      </p>
    </div>
  )
}
