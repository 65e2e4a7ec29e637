import type { ReactNode } from 'react'

import type { ModeId } from '../lib/modes.ts'

/** A person: head, body, legs and arms. */
function Person({ x, arms, look }: { x: number; arms: 'down' | 'up' | 'wide'; look: string }) {
  const reach = { down: 'M-5 17 0 11l5 6', up: 'M-5.5 4 0 11l5.5-7', wide: 'M-6 10.5h12' }[arms]
  return (
    <g className={look} transform={`translate(${x} 3.5)`}>
      <circle r="3" cy="5" fill="currentColor" stroke="none" />
      <path d={`M0 9v8M-3.5 24 0 17l3.5 7${reach}`} />
    </g>
  )
}

function Frame({ x, children }: { x: number; children: ReactNode }) {
  return (
    <g transform={`translate(${x} 0)`}>
      <rect x="1" y="1" width="26" height="30" rx="4" className="fill-bg stroke-line" />
      {children}
    </g>
  )
}

const GIVEN = 'text-muted stroke-muted'
const OURS = 'text-accent stroke-accent'

const PICTURES: Record<ModeId, { before: ReactNode; after: ReactNode }> = {
  move: {
    before: <Person x={14} arms="up" look={GIVEN} />,
    after: <Person x={14} arms="up" look={OURS} />,
  },
  mix: {
    before: (
      <>
        <Scene />
        <Person x={14} arms="wide" look={GIVEN} />
      </>
    ),
    after: (
      <>
        <Scene />
        <Person x={14} arms="wide" look={OURS} />
      </>
    ),
  },
  audio: {
    before: <path d="M5.5 14v4M9.5 10v12M14 7v18M18.5 11v10M22.5 14v4" className="stroke-muted" />,
    after: (
      <g className={OURS}>
        <circle cx="14" cy="12" r="5.5" fill="none" />
        <path d="M5.5 27c0-5 3.5-7.5 8.5-7.5s8.5 2.5 8.5 7.5M12 14.2h4" />
      </g>
    ),
  },
}

/** The clip's own place, which Mix keeps. */
function Scene() {
  return <path d="M2 27.5h24M4 4.5h5v4.5H4z" className="stroke-control" />
}

/** What a mode makes of what: two frames, before and after. */
export default function ModePicture({ mode }: { mode: ModeId }) {
  const { before, after } = PICTURES[mode]
  return (
    <svg
      viewBox="0 0 70 32"
      className="h-8 w-17.5"
      fill="none"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
    >
      <Frame x={0}>{before}</Frame>
      <path d="m32.5 12.5 4 3.5-4 3.5" className="stroke-muted" />
      <Frame x={42}>{after}</Frame>
    </svg>
  )
}
