import { Search } from 'lucide-react'
import { useRef, useState, type SubmitEvent } from 'react'
import { useLocation } from 'wouter'

import { usePageKeys } from '../../lib/keys.ts'
import { soughtAddress } from '../lib/sought.ts'

/** From what a person was told of a job to the job: a reference, an id, a prompt id, some words. */
export function FindJob() {
  const [sought, setSought] = useState('')
  const [, navigate] = useLocation()
  const field = useRef<HTMLInputElement>(null)
  usePageKeys({ '/': () => field.current?.focus() })

  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (sought.trim() === '') return
    navigate(soughtAddress(sought))
    setSought('')
  }

  return (
    <search className="ml-auto min-w-0 flex-1 basis-56 sm:max-w-80">
      <form className="relative" onSubmit={submit}>
        <Search
          size={14}
          className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-muted"
          aria-hidden
        />
        <input
          ref={field}
          aria-label="Find a job"
          placeholder="F-reference, job id, prompt id, words"
          title="Press / to write here"
          autoComplete="off"
          spellCheck={false}
          enterKeyHint="search"
          value={sought}
          onChange={(event) => setSought(event.target.value)}
          data-testid="find-job"
          className="h-8 w-full rounded-lg border border-line bg-bg pr-2 pl-8 text-[13px] placeholder:text-muted hover:border-control pointer-coarse:h-11 pointer-coarse:text-base"
        />
      </form>
    </search>
  )
}
