import { useState } from 'react'

import { Segmented } from '../../../components/Segmented.tsx'
import { client, dataOf, useChange, type Admin } from '../../api.ts'
import { Confirm } from '../../lib/ui/index.ts'
import { pathOf } from './pathOf.ts'
import { trialIn, USUAL } from './trial.ts'
import { TrialFields } from './TrialFields.tsx'

const CHOICES = [
  { value: 'all', label: 'All new jobs' },
  { value: 'trial', label: 'A trial' },
] as const

type ActivateDialogProps = {
  template: Admin<'AdminTemplate'>
  version: string
  onClose: () => void
}

/** Has new jobs rendered with a version, or a share of them, unless somebody changed it meanwhile. */
export function ActivateDialog({ template, version, onClose }: ActivateDialogProps) {
  const { template_id, active_version, rev } = template
  const [extent, setExtent] = useState<(typeof CHOICES)[number]['value']>('all')
  const [typed, setTyped] = useState(USUAL)
  const trial = extent === 'trial' ? trialIn(typed) : {}
  const change = useChange((body: Admin<'Activation'>) =>
    dataOf(
      client.POST('/api/admin/workflows/{family}/{variant}/activate', {
        params: { path: pathOf(template_id) },
        body,
      }),
    ),
  )
  const confirm = (reason: string) =>
    change.mutateAsync({ reason, version, confirm: template_id, expected_rev: rev, ...trial })
  return (
    <Confirm
      title={`Activate ${template_id} ${version}`}
      hint={`New jobs get ${active_version} now. Jobs that have begun keep their version.`}
      verb={extent === 'trial' ? 'Begin the trial' : 'Activate'}
      typed={template_id}
      ready={trial !== null}
      onConfirm={confirm}
      onClose={onClose}
    >
      <Segmented label="For" choices={CHOICES} value={extent} onChange={setExtent} />
      {extent === 'trial' && <TrialFields typed={typed} onChange={setTyped} />}
    </Confirm>
  )
}
