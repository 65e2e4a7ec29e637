import { Plus } from 'lucide-react'
import { useState } from 'react'

import { Button } from '../../../components/Button.tsx'
import { client, dataOf, usePolled, type Admin } from '../../api.ts'
import { AppLink, Empty, Loading, PageHeader, Problem } from '../../lib/ui/index.ts'
import { useFilters } from '../../lib/useFilters.ts'
import { AddDialog } from './AddDialog.tsx'
import { BackendCard } from './BackendCard.tsx'
import { ChangeDialog, type Wanted } from './ChangeDialog.tsx'

const NAMES = ['backend'] as const

function fetchBackends(): Promise<Admin<'BackendList'>> {
  return dataOf(client.GET('/api/admin/backends'))
}

/** Which servers render, what each can, and what is wrong with it. */
export function BackendsPage() {
  const { data, error, refetch } = usePolled(['backends'], fetchBackends)
  const [{ backend: only }] = useFilters(NAMES)
  const [adding, setAdding] = useState(false)
  // As the operator saw it: what it has become meanwhile is told by the refusal.
  const [wanted, setWanted] = useState<Wanted | null>(null)
  const shown = data?.items.filter(({ backend_id }) => !only || backend_id === only)
  return (
    <>
      <PageHeader
        title="Backends"
        hint={only && <AppLink href="/backends">Show all backends</AppLink>}
        actions={
          <Button
            className="!min-h-9 pointer-coarse:!min-h-11"
            data-testid="add-backend"
            onClick={() => setAdding(true)}
          >
            <Plus size={16} aria-hidden /> Add a backend
          </Button>
        }
      />
      {error && (
        <Problem
          lead={data ? 'This is not up to date.' : "The backends can't be shown."}
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {!data && !error && <Loading rows={8} />}
      {shown?.length === 0 && (
        <Empty>
          {only ? `There is no backend ${only}.` : 'No backend is known. Add one by its URL.'}
        </Empty>
      )}
      <div className="grid items-start gap-4 xl:grid-cols-2">
        {shown?.map((backend) => (
          <BackendCard
            key={backend.backend_id}
            backend={backend}
            onAct={(verb) => setWanted({ verb, backend })}
          />
        ))}
      </div>
      {adding && <AddDialog onClose={() => setAdding(false)} />}
      {wanted && <ChangeDialog wanted={wanted} onClose={() => setWanted(null)} />}
    </>
  )
}
