import { SlidersHorizontal, Sparkles } from 'lucide-react'
import { lazy, Suspense, useId, useState, type ReactNode } from 'react'

import { Button } from '../../components/Button.tsx'
import { useFileDrop } from '../../lib/useFileDrop.ts'
import { busyWait } from './busy.ts'
import { Checks } from './Checks.tsx'
import { ChipRow } from './ChipRow.tsx'
import type { Settings } from './draft.ts'
import { DropOverlay } from './DropOverlay.tsx'
import { ModeMenu } from './ModeMenu.tsx'
import { preflight } from './preflight.ts'
import { PromptField } from './PromptField.tsx'
import { ShapeBadge } from './ShapeBadge.tsx'
import type { DraftControl } from './useDraft.ts'
import { useFilePicker } from './useFilePicker.tsx'
import { useGenerate } from './useGenerate.ts'

const Drawer = lazy(() => import('./Drawer.tsx'))
const Prospect = lazy(() => import('./Prospect.tsx'))
const StudioNotice = lazy(() => import('./StudioNotice.tsx'))

type ComposerProps = {
  control: DraftControl
  /** Why nothing is rendered for this person at all, in words. */
  away: string | null
  /** More for the left of the bar. */
  extra: ReactNode
  /** A new video is on its way. */
  onAccepted: () => void
}

export function Composer({ control, away, extra, onAccepted }: ComposerProps) {
  const { draft, dispatch, addFiles } = control
  const picker = useFilePicker(control)
  const { generate, ready, promised, refusal } = useGenerate(draft, onAccepted)
  const [open, setOpen] = useState(false)
  const drawer = useId()
  const held = useFileDrop(addFiles)
  const { shape, quality } = draft.settings
  const wait = busyWait(promised)
  const set = (part: Partial<Settings>) => dispatch({ do: 'settings', part })
  const tools = { set, replace: picker.replace }

  return (
    <div>
      {(away !== null || wait !== null) && (
        <Suspense>
          <StudioNotice
            away={away}
            wait={wait}
            onDraft={quality === 'draft' ? null : () => set({ quality: 'draft' })}
          />
        </Suspense>
      )}
      <form
        data-testid="composer"
        aria-label="New video"
        className="rounded-card border border-line bg-surface shadow-[0_24px_80px_-24px_rgb(0_0_0/0.8)] transition-colors duration-150 focus-within:border-control"
        onSubmit={(event) => {
          event.preventDefault()
          generate()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          if (event.ctrlKey || event.metaKey) generate()
          // Enter in a one-line field would send the form: a video nobody asked for yet.
          if (event.target instanceof HTMLInputElement) event.preventDefault()
        }}
      >
        <div className="space-y-3 p-3 sm:p-4">
          <ChipRow control={control} picker={picker} />
          <PromptField
            mode={draft.mode}
            value={draft.prompt}
            onChange={(prompt) => dispatch({ do: 'set', part: { prompt } })}
          />
          <div className="min-h-5.5 px-1 max-sm:min-h-10 text-[13px]">
            {promised && !refusal && (
              <Suspense>
                <Prospect promised={promised} tools={tools} />
              </Suspense>
            )}
            <Checks checks={preflight(draft)} refusal={refusal} tools={tools} />
          </div>
        </div>
        {open && (
          <Suspense>
            <Drawer id={drawer} mode={draft.mode} settings={draft.settings} onChange={set} />
          </Suspense>
        )}
        <div className="flex flex-wrap items-center gap-2 border-t border-line p-2 sm:px-3">
          <Button
            look="quiet"
            data-testid="advanced"
            aria-expanded={open}
            aria-controls={open ? drawer : undefined}
            onClick={() => setOpen(!open)}
          >
            <SlidersHorizontal size={16} aria-hidden /> Advanced
            {shape !== '9:16' && <ShapeBadge shape={shape} />}
          </Button>
          {extra}
          <div className="ml-auto flex flex-wrap justify-end gap-2 max-sm:w-full max-sm:*:flex-auto">
            <ModeMenu
              mode={draft.mode}
              onMode={(mode) => dispatch({ do: 'set', part: { mode } })}
            />
            <Button
              look="primary"
              type="submit"
              data-testid="generate"
              disabled={!ready}
              className="px-5"
              title="Ctrl + Enter"
            >
              <Sparkles size={16} aria-hidden /> Generate
            </Button>
          </div>
        </div>
        {held && <DropOverlay />}
      </form>
    </div>
  )
}
