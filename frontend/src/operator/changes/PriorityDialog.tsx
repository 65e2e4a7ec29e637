import { useState } from 'react'

import { client, dataOf, useChange, type Admin } from '../api.ts'
import { PRIORITIES } from '../lib/priority.ts'
import { Confirm, SelectField } from '../lib/ui/index.ts'

/** A job and the priority that the operator saw. */
export type Urgency = { job_id: string; priority: number }

type PriorityDialogProps = { urgency: Urgency; onClose: () => void }

/** Gives a job another place in line, unless somebody else did meanwhile. */
export function PriorityDialog({ urgency, onClose }: PriorityDialogProps) {
  const { job_id, priority } = urgency
  const [chosen, setChosen] = useState(String(priority))
  const change = useChange((body: Admin<'PriorityChange'>) =>
    dataOf(
      client.POST('/api/admin/jobs/{job_id}/priority', { params: { path: { job_id } }, body }),
    ),
  )
  const confirm = (reason: string) =>
    change.mutateAsync({ reason, priority: Number(chosen), expected_priority: priority })
  return (
    <Confirm
      title={`Priority of ${job_id.slice(0, 8)}`}
      hint="One that renders has it from its next segment on."
      verb="Change priority"
      ready={Number(chosen) !== priority}
      onConfirm={confirm}
      onClose={onClose}
    >
      <SelectField
        label="Priority"
        hint={`It was ${priority} when you looked.`}
        value={chosen}
        onChange={setChosen}
        choices={PRIORITIES}
        testId="priority-choice"
      />
    </Confirm>
  )
}
