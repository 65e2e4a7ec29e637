import { useState } from 'react'

import { Button } from '../../../components/Button.tsx'
import { Dialog } from '../../../components/Dialog.tsx'
import { OnceSecret } from '../../../components/OnceSecret.tsx'
import { SureButton } from '../../../components/SureButton.tsx'
import { TextField } from '../../../components/TextField.tsx'
import { client, dataOf, useChange, usePolled, type Admin } from '../../api.ts'
import {
  Badge,
  Moment,
  Problem,
  SelectField,
  Table,
  Time,
  type Column,
} from '../../lib/ui/index.ts'
import { RIGHTS, scopesOf, type Rights } from './rights.ts'

type Token = Admin<'Token'>
type TokensDialogProps = { user: Admin<'User'>; onClose: () => void }

const EVERY_MS = 5_000

/** A person's or program's access tokens: make one, revoke one. */
export function TokensDialog({ user, onClose }: TokensDialogProps) {
  const path = { owner: user.owner }
  const { data, error } = usePolled(
    ['tokens', user.owner],
    (): Promise<Admin<'TokenList'>> =>
      dataOf(client.GET('/api/admin/users/{owner}/tokens', { params: { path } })),
    { everyMs: EVERY_MS },
  )
  const [name, setName] = useState('')
  const [rights, setRights] = useState<Rights>('own')
  const make = useChange((body: Admin<'TokenRequest'>): Promise<Admin<'NewToken'>> =>
    dataOf(client.POST('/api/admin/users/{owner}/tokens', { params: { path }, body })),
  )
  return (
    <Dialog title={`Tokens of ${user.owner}`} testId="tokens-dialog" wide onClose={onClose}>
      <div className="space-y-4">
        <form
          className="flex flex-wrap items-end gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim()) make.mutate({ name: name.trim(), scopes: scopesOf(rights), days: 90 })
          }}
        >
          <div className="min-w-48 flex-1">
            <TextField
              label="What is it for?"
              hint="It works for 90 days."
              autoComplete="off"
              value={name}
              onChange={setName}
              data-testid="token-name"
            />
          </div>
          {user.role !== 'creator' && (
            <SelectField
              label="What may it do?"
              value={rights}
              choices={RIGHTS}
              onChange={(value) => setRights(value as Rights)}
              testId="token-rights"
            />
          )}
          <Button type="submit" disabled={!name.trim() || make.isPending} data-testid="make-token">
            Make a token
          </Button>
        </form>
        {make.data && (
          <OnceSecret
            label="The new token"
            hint="It is shown this once. Hand it over safely."
            value={make.data.secret}
            testId="token-secret"
          />
        )}
        {(error ?? make.error) && <Problem error={error ?? make.error} />}
        {data && (
          <Table
            caption={`Tokens of ${user.owner}`}
            columns={COLUMNS}
            rows={data.items}
            rowKey={({ token_id }) => token_id}
            empty="There are none."
          />
        )}
      </div>
    </Dialog>
  )
}

const COLUMNS: Column<Token>[] = [
  { head: 'Name', cell: ({ name }) => name },
  { head: 'Begins with', className: 'font-mono', cell: ({ hint }) => hint },
  { head: 'May', className: 'min-w-40 max-w-72', cell: ({ scopes }) => scopes.join(', ') },
  { head: 'Used', cell: ({ last_used_at }) => <Time at={last_used_at ?? null} /> },
  { head: 'Ends', cell: ({ expires_at }) => <Moment at={expires_at} /> },
  { head: 'Act', cell: (token) => <Revoke token={token} /> },
]

function Revoke({ token }: { token: Token }) {
  const { token_id } = token
  const change = useChange(() =>
    dataOf(client.DELETE('/api/admin/tokens/{token_id}', { params: { path: { token_id } } })),
  )
  if (token.revoked_at) return <Badge tone="off">revoked</Badge>
  return (
    <>
      <SureButton
        act="Revoke"
        what={token.name}
        busy={change.isPending}
        onSure={() => change.mutate(undefined)}
      />
      {change.error && <Problem lead="It was not revoked." error={change.error} />}
    </>
  )
}
