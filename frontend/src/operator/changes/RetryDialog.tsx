import { client, dataOf, useChange, type Admin } from '../api.ts'
import { Confirm } from '../lib/ui/index.ts'

type RetryDialogProps = { job_id: string; onClose: () => void }

export function RetryDialog({ job_id, onClose }: RetryDialogProps) {
  const change = useChange((body: Admin<'Reason'>) =>
    dataOf(client.POST('/api/admin/retry/{job_id}', { params: { path: { job_id } }, body })),
  )
  return (
    <Confirm
      title={`Retry ${job_id.slice(0, 8)}`}
      hint="It goes on from its last checkpoint, with the template version it has."
      verb="Retry"
      onConfirm={(reason) => change.mutateAsync({ reason })}
      onClose={onClose}
    />
  )
}
