import { useId, useState, type ReactNode, type SubmitEvent } from 'react'

import { Button } from '../../../components/Button.tsx'
import { Dialog } from '../../../components/Dialog.tsx'
import { TextField } from '../../../components/TextField.tsx'
import { Problem } from './Problem.tsx'
import { ReasonField, REASON_LEAST } from './ReasonField.tsx'

type ConfirmProps = {
  title: string
  /** What it does, in a sentence. */
  hint?: string
  /** The words on the button: "Retry". */
  verb: string
  /** What has to be typed first, for changes with wide effect: "animate/move". */
  typed?: string
  /** Further fields; they keep their values while the dialog is open. */
  children?: ReactNode
  /** Whether the further fields are filled in. */
  ready?: boolean
  /** Makes the change. A rejection is shown in the dialog; after success the dialog closes. */
  onConfirm: (reason: string) => Promise<unknown>
  onClose: () => void
}

/** Asks for the reason of a change, makes it, and says why it was refused. */
export function Confirm(props: ConfirmProps) {
  const { title, hint, verb, typed, children, ready = true, onConfirm, onClose } = props
  const id = useId()
  const [reason, setReason] = useState('')
  const [confirmed, setConfirmed] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const enough = reason.trim().length >= REASON_LEAST && (!typed || confirmed.trim() === typed)

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (!enough || !ready || busy) return
    setBusy(true)
    try {
      await onConfirm(reason.trim())
      onClose()
    } catch (refusal) {
      setError(refusal)
      setBusy(false)
    }
  }

  const foot = (
    <>
      <Button look="quiet" onClick={onClose}>
        Leave it
      </Button>
      <Button
        look="primary"
        type="submit"
        form={id}
        disabled={!enough || !ready || busy}
        data-testid="confirm"
      >
        {busy ? 'Working…' : verb}
      </Button>
    </>
  )

  return (
    <Dialog
      title={title}
      {...(hint && { hint })}
      testId="confirm-dialog"
      foot={foot}
      onClose={onClose}
    >
      <form id={id} className="space-y-4 pt-1" onSubmit={(event) => void submit(event)}>
        {children}
        <ReasonField value={reason} onChange={setReason} />
        {typed && (
          <TextField
            label={`Type ${typed} to go on`}
            value={confirmed}
            onChange={setConfirmed}
            autoComplete="off"
            spellCheck={false}
            data-testid="typed"
          />
        )}
        {error !== null && <Problem lead="It was not done." error={error} />}
      </form>
    </Dialog>
  )
}
