import { Check, Minus } from 'lucide-react'

import type { Admin } from '../../api.ts'
import { Empty, Table, type Column } from '../../lib/ui/index.ts'
import { QUALITIES, templateAbilities, type TemplateAbility } from './abilities.ts'

const COLUMNS: Column<TemplateAbility>[] = [
  { head: 'Renders', className: 'min-w-32', cell: ({ template_id }) => template_id },
  ...QUALITIES.map((quality): Column<TemplateAbility> => ({
    head: quality,
    cell: ({ can }) => <Able yes={can[quality]} />,
  })),
]

/** Which templates a backend renders at which quality. */
export function Abilities({ backend }: { backend: Admin<'Backend'> }) {
  if (backend.abilities === null) return <Empty>It was not asked yet what it can render.</Empty>
  return (
    <Table
      caption={`What ${backend.backend_id} renders`}
      columns={COLUMNS}
      rows={templateAbilities(backend)}
      rowKey={({ template_id }) => template_id}
      empty="It can render nothing."
      testId="abilities"
    />
  )
}

function Able({ yes }: { yes: boolean }) {
  const Sign = yes ? Check : Minus
  return (
    <span
      className={
        yes ? 'inline-flex items-center gap-1 text-ok' : 'inline-flex items-center gap-1 text-muted'
      }
    >
      <Sign size={13} aria-hidden />
      {yes ? 'yes' : 'no'}
    </span>
  )
}
