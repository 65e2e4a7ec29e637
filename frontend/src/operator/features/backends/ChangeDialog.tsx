import { client, dataOf, useChange, type Admin } from '../../api.ts'
import { Confirm } from '../../lib/ui/index.ts'
import { ACTS, type Verb } from './acts.ts'

/** What is to be done, with the backend as the operator saw it. */
export type Wanted = { verb: Verb; backend: Admin<'Backend'> }

type ChangeDialogProps = { wanted: Wanted; onClose: () => void }

/** Takes a backend out of the line or back into it, unless somebody changed it meanwhile. */
export function ChangeDialog({ wanted: { verb, backend }, onClose }: ChangeDialogProps) {
  const { backend_id: name, rev } = backend
  const { name: word, means } = ACTS[verb]
  const change = useChange((body: Admin<'BackendChange'>) =>
    dataOf(client.POST(`/api/admin/backends/{name}/${verb}`, { params: { path: { name } }, body })),
  )
  return (
    <Confirm
      title={`${word} ${name}`}
      hint={means}
      verb={word}
      onConfirm={(reason) =>
        change.mutateAsync({ reason, ...(rev !== undefined && { expected_rev: rev }) })
      }
      onClose={onClose}
    />
  )
}
