import type { AuditQuery } from './filter.ts'

const LOOK =
  'inline-flex min-h-9 items-center rounded-chip border border-line px-3 text-[13px] hover:border-control pointer-coarse:min-h-11'

/** What is looked for, as files. */
export function Exports({ query }: { query: AuditQuery }) {
  const asked = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, `${value}`]),
  )
  return (
    <>
      <a href={`/api/admin/audit/export?${asked}`} className={LOOK} download>
        Export CSV
      </a>
      <a href={`/api/admin/audit/export?format=jsonl&${asked}`} className={LOOK} download>
        Export JSON lines
      </a>
    </>
  )
}
