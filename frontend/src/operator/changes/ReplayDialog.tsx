import { useState } from 'react'
import { useLocation } from 'wouter'

import { client, dataOf, useChange, usePolled, type Admin } from '../api.ts'
import { jobHref } from '../lib/sought.ts'
import { Confirm, SelectField } from '../lib/ui/index.ts'
import { otherVersions, splitTemplate } from '../lib/template.ts'

type ReplayDialogProps = { job_id: string; template: string; onClose: () => void }

function fetchTemplates(): Promise<Admin<'AdminTemplateList'>> {
  return dataOf(client.GET('/api/admin/workflows'))
}

/** Makes a job once more as a new one, with its own template version or another. */
export function ReplayDialog({ job_id, template, onClose }: ReplayDialogProps) {
  const { version } = splitTemplate(template)
  const [chosen, setChosen] = useState('')
  const [, navigate] = useLocation()
  const { data } = usePolled(['templates'], fetchTemplates, { everyMs: false })
  const change = useChange((body: Admin<'ReplayRequest'>) =>
    dataOf(client.POST('/api/admin/jobs/{job_id}/replay', { params: { path: { job_id } }, body })),
  )
  const confirm = async (reason: string) => {
    const made = await change.mutateAsync({ reason, ...(chosen && { template_version: chosen }) })
    navigate(jobHref(made.job_id))
  }
  return (
    <Confirm
      title={`Replay ${job_id.slice(0, 8)}`}
      hint="A new job of the same owner, with the same inputs, settings and seed."
      verb="Replay"
      onConfirm={confirm}
      onClose={onClose}
    >
      <SelectField
        label="Template version"
        value={chosen}
        onChange={setChosen}
        choices={[
          { value: '', label: `${version}, as it was made with` },
          ...otherVersions(data?.items ?? [], template),
        ]}
        testId="replay-version"
      />
    </Confirm>
  )
}
