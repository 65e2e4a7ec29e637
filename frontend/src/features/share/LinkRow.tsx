import { Link } from 'wouter'

import { problemWords } from '../../api/problem.ts'
import { useRevokeShare } from '../../api/shares.ts'
import type { Share } from '../../api/types.ts'
import { NoteLine } from '../../components/NoteLine.tsx'
import { SureButton } from '../../components/SureButton.tsx'
import { linkWords } from './shareWords.ts'

type LinkRowProps = {
  share: Share
  /** Where the links of several videos stand together. */
  withVideo?: boolean
}

/** One link that works, and its end. */
export function LinkRow({ share, withVideo = false }: LinkRowProps) {
  const revoke = useRevokeShare()
  return (
    <li className="flex flex-wrap items-center gap-x-3 py-2" data-testid="share-row">
      <span className="min-w-0 flex-1 basis-44">
        <span className="block font-medium">Link {share.hint}…</span>
        <span className="block text-xs text-muted">{linkWords(share)}</span>
        {withVideo && (
          <Link
            href={`/v/${share.job_id}`}
            aria-label={`The video of link ${share.hint}`}
            className="inline-flex min-h-6 items-center text-xs underline underline-offset-3 hover:text-accent"
          >
            The video
          </Link>
        )}
        {revoke.error && <NoteLine tone="bad">{problemWords(revoke.error).lines[0]}</NoteLine>}
      </span>
      <SureButton
        act="Revoke"
        what={`link ${share.hint}`}
        busy={revoke.isPending}
        onSure={() => revoke.mutate(share.share_id)}
      />
    </li>
  )
}
