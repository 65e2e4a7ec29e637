import { useState } from 'react'

import { Banner } from '../components/Banner.tsx'
import { Button } from '../components/Button.tsx'
import { Dialog } from '../components/Dialog.tsx'
import { SignInForm } from '../features/sign-in/SignInForm.tsx'

const WORDS = 'You were signed out. Sign in again; your draft is kept.'

/** The way back in, over the page and what it holds: files that are sent are in its memory only. */
export default function SignedOutDialog() {
  const [open, setOpen] = useState(true)
  if (open) {
    return (
      <Dialog
        title="You were signed out"
        hint="Sign in again; your draft is kept."
        testId="signed-out"
        onClose={() => setOpen(false)}
      >
        <SignInForm apart next="/" onDone={() => setOpen(false)} />
      </Dialog>
    )
  }
  return (
    <div className="fixed inset-x-4 bottom-4 z-10 mx-auto max-w-xl rounded-card bg-bg">
      <Banner
        tone="busy"
        data-testid="signed-out-note"
        action={<Button onClick={() => setOpen(true)}>Sign in</Button>}
      >
        {WORDS}
      </Banner>
    </div>
  )
}
