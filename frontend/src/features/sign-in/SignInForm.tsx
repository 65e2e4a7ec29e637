import { LogIn } from 'lucide-react'
import { useState } from 'react'

import { problemWords } from '../../api/problem.ts'
import { useSignIn, useSignInOptions } from '../../api/signIn.ts'
import { Button } from '../../components/Button.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'
import { TextField } from '../../components/TextField.tsx'

type SignInFormProps = {
  /** Where to come back to from a provider. */
  next: string
  /** The provider opens in a tab of its own, for this page holds what must not be lost. */
  apart?: boolean
  /** Somebody is signed in. */
  onDone: () => void
}

/** The ways in that this studio offers. */
export function SignInForm({ next, apart = false, onDone }: SignInFormProps) {
  const { data: options, error, refetch } = useSignInOptions()
  const signIn = useSignIn(onDone)
  const [token, setToken] = useState('')

  if (error) {
    return (
      <div role="alert">
        <NoteLine tone="bad" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          We cannot ask how to sign in. Try again.
        </NoteLine>
      </div>
    )
  }
  if (options === undefined) return <div className="h-32" />
  const { methods, oidc_name } = options
  const provider = `/api/sign-in/oidc?next=${encodeURIComponent(next)}`
  return (
    <div className="space-y-5">
      {methods.includes('oidc') && (
        <a
          href={provider}
          target={apart ? '_blank' : undefined}
          rel={apart ? 'noopener' : undefined}
          data-testid="sign-in-oidc"
          className="flex min-h-11 items-center justify-center gap-2 rounded-chip bg-accent px-3 font-semibold text-on-accent hover:bg-accent/90"
        >
          <LogIn size={16} aria-hidden /> Continue with {oidc_name ?? 'your company'}
        </a>
      )}
      {methods.includes('token') && (
        <form
          className="space-y-3"
          onSubmit={(event) => {
            event.preventDefault()
            signIn.mutate({ token: token.trim() })
          }}
        >
          <TextField
            label="Access token"
            type="password"
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            required
            value={token}
            onChange={setToken}
            fault={signIn.error && (problemWords(signIn.error).lines[0] ?? null)}
            data-testid="sign-in-token"
          />
          <Button type="submit" look="primary" className="w-full" disabled={signIn.isPending}>
            Sign in
          </Button>
        </form>
      )}
      {methods.includes('link') && (
        <NoteLine tone="hint">
          Or open the link from the terminal. Run <code className="text-ink">make link</code> for a
          new one.
        </NoteLine>
      )}
      {methods.length === 0 && (
        <NoteLine tone="warn">Nobody can sign in here yet. Ask an operator.</NoteLine>
      )}
    </div>
  )
}
