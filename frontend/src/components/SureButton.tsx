import { useState } from 'react'

import { Button } from './Button.tsx'

type SureButtonProps = {
  /** What it does, and to what: "Revoke" "Laptop". */
  act: string
  what: string
  busy: boolean
  onSure: () => void
}

/** A button that asks once more before it does what can't be taken back. */
export function SureButton({ act, what, busy, onSure }: SureButtonProps) {
  const [asked, setAsked] = useState(false)
  if (!asked) {
    return (
      <Button look="quiet" aria-label={`${act} ${what}`} onClick={() => setAsked(true)}>
        {act}
      </Button>
    )
  }
  return (
    <span className="flex flex-wrap gap-1">
      <Button
        // eslint-disable-next-line jsx-a11y/no-autofocus -- it stands where the pressed one was
        autoFocus
        className="border-bad text-bad"
        aria-label={`${act} ${what} now`}
        disabled={busy}
        onClick={() => {
          onSure()
          setAsked(false)
        }}
      >
        {act} now
      </Button>
      <Button look="quiet" onClick={() => setAsked(false)}>
        Keep
      </Button>
    </span>
  )
}
