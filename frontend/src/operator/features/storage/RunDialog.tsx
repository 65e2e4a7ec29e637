import { client, dataOf, useChange, type Admin } from '../../api.ts'
import { Confirm } from '../../lib/ui/index.ts'

type RunDialogProps = { onStarted: (workflow_id: string) => void; onClose: () => void }

/** Removes now what is too old. */
export function RunDialog({ onStarted, onClose }: RunDialogProps) {
  const change = useChange((body: Admin<'RetentionStart'>) =>
    dataOf(client.POST('/api/admin/retention/run', { body })),
  )
  const confirm = async (reason: string) => {
    const { workflow_id } = await change.mutateAsync({ reason })
    onStarted(workflow_id)
  }
  return (
    <Confirm
      title="Run the retention now"
      hint="It removes what is too old, for good. A dry run says what that is."
      verb="Run now"
      onConfirm={confirm}
      onClose={onClose}
    />
  )
}
