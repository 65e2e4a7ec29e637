import { useQuery } from '@tanstack/react-query'

import { meQuery } from '../../api/me.ts'
import { signOut } from '../../api/signIn.ts'
import { RowButton } from '../lib/ui/index.ts'

/** Who is signed in, and the ways out of here. */
export function Whoami() {
  const { data } = useQuery(meQuery)
  if (data === undefined) return null
  return (
    <div className="ml-auto flex items-center gap-2 text-[13px]">
      <span className="max-w-40 truncate text-muted" title={data.owner}>
        {data.name}
      </span>
      <a href="/" className="inline-flex min-h-6 items-center text-muted hover:text-ink">
        Studio
      </a>
      <RowButton data-testid="sign-out" onClick={() => void signOut()}>
        Sign out
      </RowButton>
    </div>
  )
}
