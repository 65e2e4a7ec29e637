import { isLive, useShares } from '../../api/shares.ts'
import { Button } from '../../components/Button.tsx'
import { LinkRow } from '../share/LinkRow.tsx'
import { Rest } from './Rest.tsx'

/** All links by which others see a person's videos. */
export function Links() {
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage } = useShares()
  const live = (data?.pages ?? []).flatMap(({ items }) => items).filter((share) => isLive(share))
  return (
    <>
      <Rest error={error} loading={isPending} onRetry={() => void refetch()} />
      {data && live.length === 0 && <p className="text-muted">You share no video by a link.</p>}
      <ul className="divide-y divide-line">
        {live.map((share) => (
          <LinkRow key={share.share_id} share={share} withVideo />
        ))}
      </ul>
      {hasNextPage && <Button onClick={() => void fetchNextPage()}>Show more</Button>}
    </>
  )
}
