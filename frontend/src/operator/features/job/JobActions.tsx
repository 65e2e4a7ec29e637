import { useState } from 'react'

import type { Admin } from '../../api.ts'
import { CancelDialog } from '../../changes/CancelDialog.tsx'
import { PriorityDialog, type Urgency } from '../../changes/PriorityDialog.tsx'
import { ReplayDialog } from '../../changes/ReplayDialog.tsx'
import { RetryDialog } from '../../changes/RetryDialog.tsx'
import { ActionButton } from './ActionButton.tsx'
import { CompareDialog } from './CompareDialog.tsx'

type Open = 'retry' | 'replay' | 'cancel' | 'compare' | Urgency | null

/** What can be done with the job; what can't says why. */
export function JobActions({ record }: { record: Admin<'JobRecord'> }) {
  const { job_id, owner, priority, retryable, replayable, cancellable, job } = record
  const [open, setOpen] = useState<Open>(null)
  const onClose = () => setOpen(null)
  return (
    <>
      <ActionButton name="Retry" ability={retryable} onPress={() => setOpen('retry')} />
      <ActionButton name="Replay" ability={replayable} onPress={() => setOpen('replay')} />
      <ActionButton
        name="Priority"
        // What can't be stopped any more waits for nothing either.
        ability={cancellable}
        onPress={() => setOpen({ job_id, priority })}
      />
      <ActionButton name="Cancel" ability={cancellable} onPress={() => setOpen('cancel')} />
      <ActionButton name="Compare" ability={ALWAYS} onPress={() => setOpen('compare')} />
      {open === 'retry' && <RetryDialog {...{ job_id, onClose }} />}
      {open === 'replay' && (
        <ReplayDialog {...{ job_id, onClose }} template={job.workflow_template} />
      )}
      {open === 'cancel' && <CancelDialog {...{ job_id, owner, onClose }} />}
      {open === 'compare' && <CompareDialog {...{ job_id, onClose }} audit={record.audit} />}
      {open !== null && typeof open === 'object' && (
        <PriorityDialog urgency={open} onClose={onClose} />
      )}
    </>
  )
}

const ALWAYS: Admin<'Ability'> = { possible: true, reason: null }
