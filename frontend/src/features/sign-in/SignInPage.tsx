import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'

import { meQuery } from '../../api/me.ts'
import { problemWords } from '../../api/problem.ts'
import { useSignIn } from '../../api/signIn.ts'
import { Logo } from '../../components/Logo.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'
import { localPath } from '../../lib/signedIn.ts'
import { firstCode, takeCode } from './code.ts'
import { problemWordsOf } from './problemWords.ts'
import { SignInForm } from './SignInForm.tsx'

const USED_UP = 'This link was used already. In the terminal, run make link for a new one.'

/** The way in, at an address of its own. */
export default function SignInPage() {
  const [asked] = useState(() => new URLSearchParams(location.search))
  const next = localPath(asked.get('next'))
  // The whole page is loaded anew: nothing of whoever was here before is left in its memory.
  const enter = () => location.replace(next)
  const byLink = useSignIn(enter)
  const opening = (firstCode !== null && byLink.isIdle) || byLink.isPending || byLink.isSuccess
  const { data: me, isFetching } = useQuery(meQuery)

  const open = useEffectEvent((code: string) => {
    byLink.mutate({ code })
  })
  const comeIn = useEffectEvent(enter)

  useEffect(() => {
    const code = takeFirst()
    if (code !== null) open(code)
    const onHash = () => {
      const later = takeCode()
      if (later !== null) open(later)
    }
    addEventListener('hashchange', onHash)
    return () => removeEventListener('hashchange', onHash)
  }, [])

  const isIn = me !== undefined && !isFetching && !opening && byLink.error === null
  useEffect(() => {
    if (isIn) comeIn()
  }, [isIn])

  const problem = byLink.error ? refusalOf(byLink.error) : problemWordsOf(asked.get('problem'))
  const quiet = opening || isIn || (isFetching && problem === null)
  return (
    <main
      className="stage-light grid min-h-dvh grid-cols-[minmax(0,24rem)] place-content-center px-[16px] py-8"
      data-testid="sign-in"
    >
      <div className="space-y-6 rounded-card border border-line bg-surface p-[20px]">
        <div className="flex flex-wrap items-center gap-2">
          <Logo />
          <span className="text-base font-semibold tracking-tight">Animatrix</span>
        </div>
        <h1 className="text-xl font-semibold">{opening ? 'Signing you in' : 'Sign in'}</h1>
        {problem && (
          <div role="alert" data-testid="sign-in-problem">
            <NoteLine tone="warn">{problem}</NoteLine>
          </div>
        )}
        {quiet ? <div className="h-32" /> : <SignInForm next={next} onDone={enter} />}
      </div>
    </main>
  )
}

let first = firstCode

/** A code works once, and effects of a page in development run twice. */
function takeFirst(): string | null {
  const code = first
  first = null
  return code
}

function refusalOf(error: Error): string {
  const [words = USED_UP] = problemWords(error).lines
  return words.startsWith('This link was used') ? USED_UP : words
}
