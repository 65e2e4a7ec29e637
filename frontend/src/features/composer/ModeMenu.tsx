import { ChevronDown } from 'lucide-react'
import { lazy, Suspense } from 'react'

import { Menu } from '../../components/Menu.tsx'
import { MenuItem } from '../../components/MenuItem.tsx'
import { ModeIcon } from '../../components/ModeIcon.tsx'
import { MODE_IDS, MODES, type ModeId } from '../../lib/modes.ts'

const ModePicture = lazy(() => import('../../components/ModePicture.tsx'))

export function ModeMenu({ mode, onMode }: { mode: ModeId; onMode: (mode: ModeId) => void }) {
  return (
    <Menu
      label="Mode"
      testId="mode-menu"
      atEnd
      buttonClass="inline-flex min-h-11 items-center justify-center gap-2 rounded-chip border border-line bg-raised/60 px-3.5 font-medium max-sm:flex-auto sm:whitespace-nowrap transition-colors duration-150 hover:border-control hover:bg-raised"
      items={MODE_IDS.map((id) => (
        <MenuItem
          key={id}
          icon={
            <span className="block h-8 w-17.5">
              <Suspense>
                <ModePicture mode={id} />
              </Suspense>
            </span>
          }
          title={MODES[id].label}
          hint={MODES[id].sentence}
          checked={id === mode}
          testId={`mode-${id}`}
          onChoose={() => onMode(id)}
        />
      ))}
    >
      <span className="text-muted">
        <ModeIcon mode={mode} />
      </span>
      <span className="sr-only">Mode: </span>
      {MODES[mode].label}
      <ChevronDown size={16} className="text-muted" aria-hidden />
    </Menu>
  )
}
