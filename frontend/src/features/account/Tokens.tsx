import { useRevokeToken, useTokens } from '../../api/access.ts'
import { useMe } from '../../api/me.ts'
import { isLive } from '../../api/shares.ts'
import type { Token } from '../../api/types.ts'
import { SureButton } from '../../components/SureButton.tsx'
import { agoWords, momentWords } from '../../lib/time.ts'
import { NewTokenForm } from './NewTokenForm.tsx'
import { Fault, Rest } from './Rest.tsx'
import { rightsWords } from './rights.ts'

/** What lets other programs act for a person. */
export function Tokens() {
  const { data, error, isPending, refetch } = useTokens()
  const live = (data?.items ?? []).filter((token) => isLive(token))
  return (
    <>
      <NewTokenForm />
      <Rest error={error} loading={isPending} onRetry={() => void refetch()} />
      {data && live.length === 0 && <p className="text-muted">You have no access tokens.</p>}
      <ul className="divide-y divide-line">
        {live.map((token) => (
          <TokenRow key={token.token_id} token={token} />
        ))}
      </ul>
    </>
  )
}

function TokenRow({ token }: { token: Token }) {
  const revoke = useRevokeToken()
  const me = useMe()
  const { name, hint, scopes, last_used_at, expires_at } = token
  const used = last_used_at ? `Used ${agoWords(last_used_at)}` : 'Not used yet'
  return (
    <li className="flex flex-wrap items-center gap-x-3 py-2" data-testid="token-row">
      <span className="min-w-0 flex-1 basis-44">
        <span className="block font-medium">{name}</span>
        <span className="block text-xs text-muted">
          {hint}… · {rightsWords(scopes, me)} · {used} · Ends {momentWords(Date.parse(expires_at))}
        </span>
        <Fault error={revoke.error} />
      </span>
      <SureButton
        act="Revoke"
        what={name}
        busy={revoke.isPending}
        onSure={() => revoke.mutate(token.token_id)}
      />
    </li>
  )
}
