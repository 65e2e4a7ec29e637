import { problemWords } from '../../api/problem.ts'
import { useRevokeShare } from '../../api/shares.ts'
import type { Share } from '../../api/types.ts'
import { NoteLine } from '../../components/NoteLine.tsx'
import { SureButton } from '../../components/SureButton.tsx'
import { linkWords } from './shareWords.ts'

/** One link that works, and its end. */
export function LinkRow({ share }: { share: Share }) {
  const revoke = useRevokeShare()
  return (
    <li className="flex flex-wrap items-center gap-x-3 py-2" data-testid="share-row">
      <span className="min-w-0 flex-1 basis-44">
        <span className="block font-medium">Link {share.hint}…</span>
        <span className="block text-xs text-muted">{linkWords(share)}</span>
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
