import { client, dataOf, useChange, type Admin } from '../../api.ts'
import { Confirm } from '../../lib/ui/index.ts'
import { pathOf } from './pathOf.ts'
import { rollBackWords } from './templateWords.ts'

type RollBackDialogProps = { template: Admin<'AdminTemplate'>; onClose: () => void }

/** Ends a trial, or else goes back to the version before. */
export function RollBackDialog({ template, onClose }: RollBackDialogProps) {
  const { template_id, canary, rev } = template
  const verb = canary ? 'End the trial' : 'Roll back'
  const change = useChange((body: Admin<'TemplateChange'>) =>
    dataOf(
      client.POST('/api/admin/workflows/{family}/{variant}/roll-back', {
        params: { path: pathOf(template_id) },
        body,
      }),
    ),
  )
  return (
    <Confirm
      title={`${verb}: ${template_id}`}
      hint={`${rollBackWords(template) ?? ''} Jobs that have begun keep their version.`}
      verb={verb}
      typed={template_id}
      onConfirm={(reason) =>
        change.mutateAsync({ reason, confirm: template_id, expected_rev: rev })
      }
      onClose={onClose}
    />
  )
}
