import type { Admin } from '../../api.ts'
import { jobHref } from '../../lib/sought.ts'
import { backendHref } from '../../lib/subject.ts'
import { BACKEND_TONES } from '../../lib/status.ts'
import { AppLink, Badge, JobId, Table, type Column } from '../../lib/ui/index.ts'

type BackendQueue = Admin<'BackendQueue'>

const COLUMNS: Column<BackendQueue>[] = [
  {
    head: 'Backend',
    cell: ({ backend_id }) => <AppLink href={backendHref(backend_id)}>{backend_id}</AppLink>,
  },
  {
    head: 'State',
    cell: ({ state, answering }) => (
      <span className="flex flex-wrap gap-1">
        <Badge tone={BACKEND_TONES[state]}>{state}</Badge>
        {!answering && <Badge tone="bad">no answer</Badge>}
      </span>
    ),
  },
  { head: 'Runs', atEnd: true, cell: ({ running }) => running },
  { head: 'Pending', atEnd: true, cell: ({ pending }) => pending },
  {
    head: 'Our jobs',
    cell: ({ job_ids }) => (
      <span className="flex flex-wrap gap-2">
        {job_ids.map((id) => (
          <AppLink key={id} href={jobHref(id)}>
            <JobId id={id} />
          </AppLink>
        ))}
      </span>
    ),
  },
]

/** What each backend has to do: prompts there, whoever's, and which jobs of ours they are for. */
export function BackendLoad({ backends }: { backends: BackendQueue[] }) {
  return (
    <Table
      caption="Load by backend"
      columns={COLUMNS}
      rows={backends}
      rowKey={({ backend_id }) => backend_id}
      empty="No backend is known."
      testId="backend-load"
    />
  )
}
