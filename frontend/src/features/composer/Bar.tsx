import { SlidersHorizontal } from 'lucide-react'
import type { ReactNode } from 'react'

import { Button } from '../../components/Button.tsx'
import type { ModeId } from '../../lib/modes.ts'
import type { Settings } from './draft.ts'
import { ModeMenu } from './ModeMenu.tsx'
import { ShapeBadge } from './ShapeBadge.tsx'

type BarProps = {
  mode: ModeId
  shape: Settings['shape']
  /** The id of the drawer while it is open. */
  drawer: string | null
  onDrawer: () => void
  onMode: (mode: ModeId) => void
  /** More for its left side. */
  extra: ReactNode
}

/** The composer's foot, left of Generate. */
export function Bar({ mode, shape, drawer, onDrawer, onMode, extra }: BarProps) {
  return (
    <div className="flex min-w-0 flex-1 flex-wrap items-center gap-2 border-t border-line p-2 max-sm:w-full max-sm:flex-none sm:pl-3">
      <Button
        look="quiet"
        data-testid="advanced"
        aria-expanded={drawer !== null}
        aria-controls={drawer ?? undefined}
        onClick={onDrawer}
      >
        <SlidersHorizontal size={16} aria-hidden /> Advanced
        {shape !== '9:16' && <ShapeBadge shape={shape} />}
      </Button>
      {extra}
      <div className="ml-auto flex max-sm:w-full">
        <ModeMenu mode={mode} onMode={onMode} />
      </div>
    </div>
  )
}
