import { useState } from 'react'

import { client, dataOf, useChange, type Admin } from '../../api.ts'
import { Confirm, SelectField } from '../../lib/ui/index.ts'
import { ROLES } from './roles.ts'

const STATES = [
  { value: 'open', label: 'Open' },
  { value: 'closed', label: 'Closed: no sign-in and no token works' },
]

type ChangeDialogProps = { user: Admin<'User'>; onClose: () => void }

/** What somebody is, and whether they may come in. */
export function ChangeDialog({ user, onClose }: ChangeDialogProps) {
  const { owner } = user
  const [role, setRole] = useState(user.role)
  const stateBefore = user.disabled_at ? 'closed' : 'open'
  const [state, setState] = useState(stateBefore)
  const change = useChange((body: Admin<'UserChange'>) =>
    dataOf(client.PATCH('/api/admin/users/{owner}', { params: { path: { owner } }, body })),
  )
  return (
    <Confirm
      title={`Change ${owner}`}
      verb="Change"
      ready={role !== user.role || state !== stateBefore}
      // What was not touched is not sent: another operator may have changed it meanwhile.
      onConfirm={(reason) =>
        change.mutateAsync({
          ...(role !== user.role && { role }),
          ...(state !== stateBefore && { disabled: state === 'closed' }),
          reason,
        })
      }
      onClose={onClose}
    >
      <SelectField
        label="Role"
        value={role}
        choices={ROLES}
        onChange={(value) => setRole(value as Admin<'Role'>)}
        testId="person-role"
      />
      <SelectField
        label="Account"
        value={state}
        choices={STATES}
        onChange={setState}
        testId="person-state"
      />
    </Confirm>
  )
}
