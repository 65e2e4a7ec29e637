import { CircleCheck, Clock, CloudOff, Keyboard, RotateCw } from 'lucide-react'
import { lazy, Suspense } from 'react'

import type { Connection } from '../api/live.ts'
import { Logo } from '../components/Logo.tsx'
import { cx } from '../lib/cx.ts'
import { useDebounced } from '../lib/useDebounced.ts'
import { useOnline } from '../lib/useOnline.ts'

const AccountMenu = lazy(() => import('./AccountMenu.tsx'))
const DemoBadge = lazy(() => import('./DemoBadge.tsx'))

const OFFLINE_AFTER_MS = 2_000

const WORDS = {
  connecting: { Icon: Clock, words: 'Connecting', colour: 'text-muted' },
  live: { Icon: CircleCheck, words: 'Live', colour: 'text-ok' },
  reconnecting: { Icon: RotateCw, words: 'Reconnecting…', colour: 'text-warn' },
  polling: { Icon: Clock, words: 'Checking every 10 s', colour: 'text-warn' },
  offline: { Icon: CloudOff, words: 'Offline. Reconnecting…', colour: 'text-warn' },
}

type HeaderProps = { connection: Connection; onKeys: () => void }

export function Header({ connection, onKeys }: HeaderProps) {
  const offline = !useOnline()
  const away = useDebounced(offline, OFFLINE_AFTER_MS) && offline
  const { Icon, words, colour } = WORDS[away ? 'offline' : connection]
  return (
    <header className="relative mx-auto flex min-h-14 w-full max-w-5xl flex-wrap items-center gap-x-2 px-4 sm:px-6">
      <Logo />
      <span className="text-base font-semibold tracking-tight">Animatrix</span>
      <Suspense>
        <DemoBadge />
      </Suspense>
      <output
        data-testid="connection"
        className="ml-auto flex min-w-0 items-center gap-1.5 text-xs text-muted"
      >
        <Icon size={14} className={cx('shrink-0', colour)} aria-hidden />
        <span className="truncate">{words}</span>
      </output>
      <button
        type="button"
        aria-label="Keys"
        data-testid="keys"
        className="grid size-11 shrink-0 place-items-center rounded-chip text-muted hover:bg-raised hover:text-ink max-sm:hidden pointer-coarse:hidden"
        onClick={onKeys}
      >
        <Keyboard size={18} aria-hidden />
      </button>
      <Suspense fallback={<span className="size-11 shrink-0" />}>
        <AccountMenu />
      </Suspense>
    </header>
  )
}
