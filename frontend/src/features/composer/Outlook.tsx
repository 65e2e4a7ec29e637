import { lazy, Suspense, useEffect, useImperativeHandle, type Ref } from 'react'

import type { SecondsRange } from '../../lib/time.ts'
import { busyWait } from './busy.ts'
import { Checks } from './Checks.tsx'
import type { Draft } from './draft.ts'
import type { Check } from './preflight.ts'
import { Refusal } from './Refusal.tsx'
import type { Tools } from './remedies.ts'
import { useGenerate } from './useGenerate.ts'

const Prospect = lazy(() => import('./Prospect.tsx'))
const SendNotes = lazy(() => import('./SendNotes.tsx'))

export type OutlookHandle = { generate: () => void }

export type OutlookProps = {
  draft: Draft
  checks: Check[]
  tools: Tools
  /** How long a new video would wait, when that is long. */
  onWait: (wait: SecondsRange | null) => void
  /** Whether the server takes no more right now. */
  onLater: (later: boolean) => void
  onSent: () => void
  onAccepted: () => void
  ref: Ref<OutlookHandle>
}

/** What Generate would make of a draft, or what stands in its way; and its way to the server. */
export default function Outlook(props: OutlookProps) {
  const { draft, checks, tools, onWait, onLater, ref } = props
  const { generate, promised, refusal, later, from, waiting } = useGenerate(draft, props)
  const wait = busyWait(promised)
  const busy = later !== null

  useImperativeHandle(ref, () => ({ generate }))
  useEffect(() => onWait(wait), [wait, onWait])
  useEffect(() => onLater(busy), [busy, onLater])

  return (
    <>
      {promised && !refusal && (
        <Suspense>
          <Prospect promised={promised} tools={tools} />
        </Suspense>
      )}
      {refusal && <Refusal refusal={refusal} tools={tools} />}
      <Checks checks={checks} tools={tools} />
      {(later || from || waiting) && (
        <Suspense>
          <SendNotes later={later} from={from} waiting={waiting} />
        </Suspense>
      )}
    </>
  )
}
