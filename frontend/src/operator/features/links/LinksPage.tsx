import { SureButton } from '../../../components/SureButton.tsx'
import { client, dataOf, useChange, usePolled, type Admin } from '../../api.ts'
import {
  Badge,
  JobId,
  Loading,
  Moment,
  PageHeader,
  Problem,
  Table,
  Time,
  type Column,
} from '../../lib/ui/index.ts'

type Share = Admin<'Share'>

const EVERY_MS = 5_000

function fetchShares(): Promise<Admin<'SharePage'>> {
  return dataOf(client.GET('/api/admin/shares', { params: { query: { limit: 100 } } }))
}

/** By which videos are seen without signing in. */
export function LinksPage() {
  const { data, error, refetch } = usePolled(['shares'], fetchShares, { everyMs: EVERY_MS })
  return (
    <>
      <PageHeader title="Links" hint="The newest 100 links to videos, whoever has made them." />
      {error && (
        <Problem lead="The links can't be shown." error={error} onRetry={() => void refetch()} />
      )}
      {data ? (
        <Table
          caption="Links to videos, newest first"
          columns={COLUMNS}
          rows={data.items}
          rowKey={({ share_id }) => share_id}
          empty="Nobody has shared a video yet."
          testId="links"
        />
      ) : (
        !error && <Loading rows={6} />
      )}
    </>
  )
}

const COLUMNS: Column<Share>[] = [
  { head: 'Link', className: 'font-mono', cell: ({ hint }) => `/s/${hint}…` },
  { head: 'Owner', cell: ({ owner }) => owner },
  { head: 'Video', cell: ({ job_id }) => <JobId id={job_id} /> },
  { head: 'State', cell: (share) => <State share={share} /> },
  { head: 'Shows', cell: (share) => shownWords(share) },
  { head: 'Made', cell: ({ created_at }) => <Time at={created_at} /> },
  { head: 'Ends', cell: ({ expires_at }) => <Moment at={expires_at ?? null} /> },
  { head: 'Opened', atEnd: true, cell: ({ views }) => views },
  { head: 'Act', cell: (share) => <Revoke share={share} /> },
]

function shownWords({ show_prompt, show_inputs, allow_download }: Share): string {
  const extras = [
    show_prompt && 'prompt',
    show_inputs && 'inputs',
    allow_download && 'download',
  ].filter(Boolean)
  return ['video', ...extras].join(', ')
}

function isOpen({ revoked_at, expires_at }: Share): boolean {
  return !revoked_at && (!expires_at || new Date(expires_at) > new Date())
}

function State({ share }: { share: Share }) {
  if (isOpen(share)) return <Badge tone="ok">open</Badge>
  return <Badge tone="off">{share.revoked_at ? 'revoked' : 'over'}</Badge>
}

function Revoke({ share }: { share: Share }) {
  const { share_id } = share
  const change = useChange(() =>
    dataOf(client.DELETE('/api/admin/shares/{share_id}', { params: { path: { share_id } } })),
  )
  if (!isOpen(share)) return null
  return (
    <>
      <SureButton
        act="Revoke"
        what={share.hint}
        busy={change.isPending}
        onSure={() => change.mutate(undefined)}
      />
      {change.error && <Problem lead="It was not revoked." error={change.error} />}
    </>
  )
}
