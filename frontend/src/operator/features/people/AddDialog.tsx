import { useState } from 'react'

import { TextField } from '../../../components/TextField.tsx'
import { client, dataOf, useChange, type Admin } from '../../api.ts'
import { Confirm, SelectField } from '../../lib/ui/index.ts'
import { ROLES } from './roles.ts'

/** Somebody who signs in by token. */
export function AddDialog({ onClose }: { onClose: () => void }) {
  const [owner, setOwner] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState<Admin<'Role'>>('creator')
  const change = useChange((body: Admin<'NewUser'>) =>
    dataOf(client.POST('/api/admin/users', { body })),
  )
  return (
    <Confirm
      title="Add a person or service"
      hint="Then make a token for them under Tokens."
      verb="Add"
      ready={owner.trim() !== '' && name.trim() !== ''}
      onConfirm={(reason) =>
        change.mutateAsync({ owner: owner.trim(), name: name.trim(), role, reason })
      }
      onClose={onClose}
    >
      <TextField
        label="Id"
        hint="Small letters, digits, dot, dash. It can't be changed."
        autoComplete="off"
        spellCheck={false}
        value={owner}
        onChange={setOwner}
        data-testid="person-id"
      />
      <TextField
        label="Name"
        autoComplete="off"
        value={name}
        onChange={setName}
        data-testid="person-name"
      />
      <SelectField
        label="Role"
        value={role}
        choices={ROLES}
        onChange={(value) => setRole(value as Admin<'Role'>)}
        testId="person-role"
      />
    </Confirm>
  )
}
