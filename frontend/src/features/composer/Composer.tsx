import {
  lazy,
  Suspense,
  useId,
  useImperativeHandle,
  useRef,
  useState,
  type ReactNode,
  type Ref,
} from 'react'

import { keep, recall } from '../../lib/stored.ts'
import type { SecondsRange } from '../../lib/time.ts'
import { useFileDrop } from '../../lib/useFileDrop.ts'
import { Bar } from './Bar.tsx'
import { Checks } from './Checks.tsx'
import { ChipRow } from './ChipRow.tsx'
import type { Settings } from './draft.ts'
import type { Editing } from './edit.ts'
import { GenerateButton } from './GenerateButton.tsx'
import { keepLooks } from './keptDraft.ts'
import type { OutlookHandle } from './Outlook.tsx'
import { preflight } from './preflight.ts'
import { PromptField } from './PromptField.tsx'
import { toolsOf } from './tools.ts'
import type { DraftControl } from './useDraft.ts'
import { useFilePicker } from './useFilePicker.tsx'

const Drawer = lazy(() => import('./Drawer.tsx'))
const DropOverlay = lazy(() => import('./DropOverlay.tsx'))
const Outlook = lazy(() => import('./Outlook.tsx'))
const StudioNotice = lazy(() => import('./StudioNotice.tsx'))

/** What keys can ask of the composer. */
export type ComposerHandle = { generate: () => void; addFiles: () => void; write: () => void }

type ComposerProps = {
  control: DraftControl
  /** Why nothing is rendered for this person at all, in words. */
  away: string | null
  /** More for the left of the bar. */
  extra: ReactNode
  onEdit: (editing: Editing) => void
  /** A press of Generate is on its way. */
  onSent: () => void
  /** A new video is on its way. */
  onAccepted: () => void
  ref: Ref<ComposerHandle>
}

const OPEN = 'advanced'

export function Composer(props: ComposerProps) {
  const { control, away, extra, onEdit, onSent, onAccepted, ref } = props
  const { draft, dispatch, addFiles } = control
  const picker = useFilePicker(control)
  const checks = preflight(draft)
  const outlook = useRef<OutlookHandle>(null)
  const [wait, setWait] = useState<SecondsRange | null>(null)
  const [later, setLater] = useState(false)
  const [open, setOpen] = useState(() => recall<boolean>('localStorage', OPEN) ?? false)
  const drawer = useId()
  const prompt = useRef<HTMLTextAreaElement>(null)
  const held = useFileDrop(addFiles)
  const { shape, quality } = draft.settings

  const set = (part: Partial<Settings>) => {
    dispatch({ do: 'settings', part })
    if (part.shape || part.quality) keepLooks({ ...draft.settings, ...part })
  }
  const tools = toolsOf(draft, { set, replace: picker.replace, onEdit })

  const toggle = () => {
    keep('localStorage', OPEN, !open)
    setOpen(!open)
  }

  const generate = () => outlook.current?.generate()

  useImperativeHandle(ref, () => ({
    generate,
    addFiles: () => picker.pick(),
    write: () => prompt.current?.focus(),
  }))

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
        className="flex flex-wrap items-stretch rounded-card border border-line bg-surface shadow-[0_24px_80px_-24px_rgb(0_0_0/0.8)] transition-colors duration-150 focus-within:border-control"
        onSubmit={(event) => {
          event.preventDefault()
          generate()
        }}
        onKeyDown={(event) => {
          // Enter in a one-line field would send the form: a video nobody asked for yet.
          const inLine = event.target instanceof HTMLInputElement
          if (event.key === 'Enter' && inLine) event.preventDefault()
        }}
      >
        <div className="w-full space-y-3 p-3 sm:p-4">
          <ChipRow control={control} picker={picker} onEdit={onEdit} />
          <PromptField
            ref={prompt}
            mode={draft.mode}
            value={draft.prompt}
            onChange={(text) => dispatch({ do: 'set', part: { prompt: text } })}
          />
          <div className="min-h-5.5 px-1 text-[13px] max-sm:min-h-10">
            <Suspense fallback={<Checks {...{ checks, tools }} />}>
              <Outlook
                {...{ draft, checks, tools, onSent, onAccepted }}
                ref={outlook}
                onWait={setWait}
                onLater={setLater}
              />
            </Suspense>
          </div>
        </div>
        {open && (
          <Suspense>
            <Drawer id={drawer} draft={draft} onChange={set} />
          </Suspense>
        )}
        <Bar
          mode={draft.mode}
          shape={shape}
          drawer={open ? drawer : null}
          onDrawer={toggle}
          onMode={(mode) => dispatch({ do: 'set', part: { mode } })}
          extra={extra}
        />
        <GenerateButton ready={!checks.some(({ blocks }) => blocks)} later={later} />
        <Suspense>{held && <DropOverlay />}</Suspense>
      </form>
    </div>
  )
}
