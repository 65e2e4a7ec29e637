import { useEndSession, useSessions } from '../../api/access.ts'
import type { Session } from '../../api/types.ts'
import { SureButton } from '../../components/SureButton.tsx'
import { agoWords } from '../../lib/time.ts'
import { browserWords } from './browserWords.ts'
import { Fault, Rest } from './Rest.tsx'

/** Where a person is signed in. */
export function Browsers() {
  const { data, error, isPending, refetch } = useSessions()
  return (
    <>
      <Rest error={error} loading={isPending} onRetry={() => void refetch()} />
      <ul className="divide-y divide-line">
        {(data?.items ?? []).map((session) => (
          <BrowserRow key={session.session_id} session={session} />
        ))}
      </ul>
    </>
  )
}

function BrowserRow({ session }: { session: Session }) {
  const end = useEndSession()
  const name = browserWords(session.browser)
  return (
    <li className="flex flex-wrap items-center gap-x-3 py-2" data-testid="session-row">
      <span className="min-w-0 flex-1 basis-44">
        <span className="block font-medium">
          {name}
          {session.current && ' (this one)'}
        </span>
        <span className="block text-xs text-muted">
          {session.address && `${session.address} · `}Seen {agoWords(session.seen_at)}
        </span>
        <Fault error={end.error} />
      </span>
      {!session.current && (
        <SureButton
          act="Sign out"
          what={name}
          busy={end.isPending}
          onSure={() => end.mutate(session.session_id)}
        />
      )}
    </li>
  )
}
