import { CircleCheck, Clock, RotateCw } from 'lucide-react'

import type { Connection } from '../api/live.ts'
import { Logo } from '../components/Logo.tsx'

const WORDS = {
  connecting: { Icon: Clock, words: 'Connecting', colour: 'text-muted' },
  live: { Icon: CircleCheck, words: 'Live', colour: 'text-ok' },
  reconnecting: { Icon: RotateCw, words: 'Reconnecting…', colour: 'text-warn' },
  polling: { Icon: Clock, words: 'Checking every 10 s', colour: 'text-warn' },
}

export function Header({ connection }: { connection: Connection }) {
  const { Icon, words, colour } = WORDS[connection]
  return (
    <header className="mx-auto flex h-14 w-full max-w-5xl items-center gap-2 px-4 sm:px-6">
      <Logo />
      <span className="text-base font-semibold tracking-tight">Animatrix</span>
      <output
        data-testid="connection"
        className="ml-auto flex items-center gap-1.5 text-xs text-muted"
      >
        <Icon size={14} className={colour} aria-hidden />
        {words}
      </output>
    </header>
  )
}
