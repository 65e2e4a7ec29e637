import { lazy, Suspense, useState } from 'react'
import { useLocation } from 'wouter'

import type { Standing } from '../api/me.ts'
import { App } from './App.tsx'

// Nothing is seen before it has an answer, so it is loaded at once.
const loading = import('./Doorkeeper.tsx')

const Doorkeeper = lazy(() => loading)
const SignInPage = lazy(() => import('../features/sign-in/SignInPage.tsx'))
const SignedOutDialog = lazy(() => import('./SignedOutDialog.tsx'))

/** The studio for who is signed in, and the way in for everybody else. */
export function Root() {
  const [path] = useLocation()
  if (path !== '/sign-in') return <Studio />
  return (
    <Suspense>
      <SignInPage />
    </Suspense>
  )
}

/** It asks for all it needs at once, and is seen as soon as it is known that it may be. */
function Studio() {
  const [standing, setStanding] = useState<Standing>('asking')
  const seen = standing !== 'asking' && standing !== 'stranger'
  return (
    <>
      <Suspense>
        <Doorkeeper onStanding={setStanding} />
      </Suspense>
      <div className={seen ? undefined : 'invisible'}>
        <App />
      </div>
      <Suspense>{standing === 'signed-out' && <SignedOutDialog />}</Suspense>
    </>
  )
}
