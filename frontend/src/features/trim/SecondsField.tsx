import { useState } from 'react'

import { TextField } from '../../components/TextField.tsx'
import { typedSeconds } from '../../lib/trim.ts'

type SecondsFieldProps = { label: string; value: number; onValue: (seconds: number) => void }

/** Seconds as text: what is typed stays as it is until the field is left, then it says what counts. */
export function SecondsField({ label, value, onValue }: SecondsFieldProps) {
  const [typed, setTyped] = useState<string | null>(null)

  function type(text: string) {
    setTyped(text)
    const seconds = typedSeconds(text)
    if (seconds !== null) onValue(seconds)
  }

  return (
    <TextField
      label={label}
      inputMode="decimal"
      autoComplete="off"
      value={typed ?? value.toFixed(1)}
      onChange={type}
      onBlur={() => setTyped(null)}
      fault={typed !== null && typedSeconds(typed) === null ? 'Use a number, like 3.5.' : null}
    />
  )
}
