import { isLive, useJobShares } from '../../api/shares.ts'
import { LinkRow } from './LinkRow.tsx'

/** The links to a video that work now. */
export function JobLinks({ job_id }: { job_id: string }) {
  const { data } = useJobShares(job_id)
  const live = (data?.items ?? []).filter((share) => isLive(share))
  if (live.length === 0) return null
  return (
    <section aria-label="Links that work">
      <h3 className="font-medium">Links that work</h3>
      <ul className="divide-y divide-line">
        {live.map((share) => (
          <LinkRow key={share.share_id} share={share} />
        ))}
      </ul>
    </section>
  )
}
