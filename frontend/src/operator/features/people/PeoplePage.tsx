import { useState } from 'react'

import { Button } from '../../../components/Button.tsx'
import { client, dataOf, usePolled, type Admin } from '../../api.ts'
import {
  Badge,
  Loading,
  PageHeader,
  Problem,
  RowButton,
  Table,
  Time,
  type Column,
} from '../../lib/ui/index.ts'
import { AddDialog } from './AddDialog.tsx'
import { ChangeDialog } from './ChangeDialog.tsx'
import { LimitsDialog } from './LimitsDialog.tsx'
import { TokensDialog } from './TokensDialog.tsx'

type User = Admin<'User'>
type Asked = { what: 'change' | 'tokens' | 'limits'; user: User }

const EVERY_MS = 5_000
const DIALOGS = { change: ChangeDialog, tokens: TokensDialog, limits: LimitsDialog }

function fetchUsers(): Promise<Admin<'UserPage'>> {
  return dataOf(client.GET('/api/admin/users'))
}

/** Who may come in, what they are, and what they may use up. */
export function PeoplePage() {
  const { data, error, refetch } = usePolled(['users'], fetchUsers, { everyMs: EVERY_MS })
  const [adding, setAdding] = useState(false)
  const [asked, setAsked] = useState<Asked | null>(null)
  const Asking = asked && DIALOGS[asked.what]
  return (
    <>
      <PageHeader
        title="People"
        hint="And programs. Those who sign in by a provider are added when they first come."
        actions={
          <Button
            className="!min-h-9 pointer-coarse:!min-h-11"
            data-testid="add-person"
            onClick={() => setAdding(true)}
          >
            Add a person or service
          </Button>
        }
      />
      {error && (
        <Problem lead="The people can't be shown." error={error} onRetry={() => void refetch()} />
      )}
      {data ? (
        <Table
          caption="People and programs"
          columns={columnsWith(setAsked)}
          rows={data.items}
          rowKey={({ owner }) => owner}
          empty="Nobody is known yet."
          testId="people"
        />
      ) : (
        !error && <Loading rows={6} />
      )}
      {adding && <AddDialog onClose={() => setAdding(false)} />}
      {Asking && <Asking user={asked.user} onClose={() => setAsked(null)} />}
    </>
  )
}

const COLUMNS: Column<User>[] = [
  { head: 'Id', className: 'font-medium', cell: ({ owner }) => owner },
  { head: 'Name', className: 'max-w-60', cell: ({ name }) => name },
  { head: 'E-mail', className: 'max-w-60 break-all', cell: ({ email }) => email ?? '–' },
  { head: 'Role', cell: ({ role }) => role },
  {
    head: 'State',
    cell: ({ disabled_at }) =>
      disabled_at ? <Badge tone="off">closed</Badge> : <Badge tone="ok">open</Badge>,
  },
  { head: 'Last seen', cell: ({ seen_at }) => <Time at={seen_at ?? null} /> },
  { head: 'Since', cell: ({ created_at }) => <Time at={created_at} /> },
]

function columnsWith(onAsk: (asked: Asked) => void): Column<User>[] {
  const acts = (user: User) => (
    <span className="flex flex-wrap gap-1">
      <RowButton onClick={() => onAsk({ what: 'change', user })}>Change</RowButton>
      <RowButton onClick={() => onAsk({ what: 'tokens', user })}>Tokens</RowButton>
      <RowButton onClick={() => onAsk({ what: 'limits', user })}>Limits</RowButton>
    </span>
  )
  return [...COLUMNS, { head: 'Act', cell: acts }]
}
