import { lazy, Suspense } from 'react'

import type { Advice } from './preflight.ts'
import type { Tools } from './remedies.ts'

const RemedyButton = lazy(() => import('./RemedyButton.tsx'))

/** The button beside a sentence; nothing where nothing is advised. */
export function Remedy({ advice, tools }: { advice: Advice | undefined; tools: Tools }) {
  return (
    advice?.action && (
      <Suspense>
        <RemedyButton advice={advice} tools={tools} />
      </Suspense>
    )
  )
}
