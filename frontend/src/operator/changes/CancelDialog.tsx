import { client, dataOf, useChange, type Admin } from '../api.ts'
import { Confirm } from '../lib/ui/index.ts'

type CancelDialogProps = { job_id: string; owner: string; onClose: () => void }

export function CancelDialog({ job_id, owner, onClose }: CancelDialogProps) {
  const change = useChange((body: Admin<'Reason'>) =>
    dataOf(client.POST('/api/admin/jobs/{job_id}/cancel', { params: { path: { job_id } }, body })),
  )
  return (
    <Confirm
      title={`Cancel ${job_id.slice(0, 8)}`}
      hint={`This is a job of ${owner}. What is checkpointed stays for a retry.`}
      verb="Cancel the job"
      onConfirm={(reason) => change.mutateAsync({ reason })}
      onClose={onClose}
    />
  )
}
