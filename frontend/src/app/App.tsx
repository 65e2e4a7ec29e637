import { lazy, Suspense, useCallback, useRef, useState } from 'react'

import type { Job } from '../api/types.ts'
import { Composer, type ComposerHandle } from '../features/composer/Composer.tsx'
import type { Editing } from '../features/composer/edit.ts'
import { useDraft } from '../features/composer/useDraft.ts'
import { SampleMenu } from '../features/samples/SampleMenu.tsx'
import type { OnSample } from '../features/samples/useSample.ts'
import type { News } from './Backstage.tsx'
import { Consent } from './Consent.tsx'
import { Header } from './Header.tsx'
import { Placeholder } from './Placeholder.tsx'

const Backstage = lazy(() => import('./Backstage.tsx'))
const EditDialog = lazy(() => import('./EditDialog.tsx'))
const Gallery = lazy(() => import('../features/gallery/Gallery.tsx'))
const KeysDialog = lazy(() => import('./KeysDialog.tsx'))
const SampleCards = lazy(() => import('../features/samples/SampleCards.tsx'))
const TellMe = lazy(() => import('./TellMe.tsx'))

const NO_NEWS: News = { connection: 'connecting', line: undefined, away: null }

export function App() {
  const [{ connection, line, away }, setNews] = useState(NO_NEWS)
  const control = useDraft()
  const [editing, setEditing] = useState<Editing | null>(null)
  const [keysShown, showKeys] = useState(false)
  const [sent, setSent] = useState(false)
  const composer = useRef<ComposerHandle>(null)
  const top = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)

  const showTop = () => top.current?.scrollIntoView({ block: 'start' })
  const showList = () => {
    // On a phone the composer fills the screen, and the new video would start unseen below it.
    if (matchMedia('(max-width: 639px)').matches) list.current?.scrollIntoView({ block: 'start' })
  }
  const onSample: OnSample = (mode, prompt, files) => {
    control.fillSample(mode, prompt, files)
    showTop()
  }
  const fill = (again: boolean) => (job: Job) => {
    void control.fillFromJob(job, { again })
    showTop()
  }
  const reuse = { onReuse: fill(false), onAgain: fill(true) }
  const onKeys = useCallback(() => showKeys(true), [])

  return (
    <div ref={top} className="stage-light min-h-dvh">
      <Header connection={connection} onKeys={onKeys} />
      <main className="mx-auto w-full max-w-5xl space-y-8 px-4 pt-6 pb-[max(4rem,env(safe-area-inset-bottom))] sm:px-6 sm:pt-[4vh]">
        <h1 className="text-2xl font-semibold tracking-tight text-balance sm:text-center sm:text-3xl">
          Give your character a move or a voice
        </h1>
        <div>
          <Composer
            ref={composer}
            control={control}
            away={away}
            extra={<SampleMenu onSample={onSample} />}
            onEdit={setEditing}
            onSent={() => setSent(true)}
            onAccepted={showList}
          />
          <Consent />
          {sent && (
            <Suspense fallback={<div className="h-22 sm:h-11" />}>
              <TellMe />
            </Suspense>
          )}
        </div>
        <div ref={list} className="scroll-mt-4">
          <Suspense fallback={<Placeholder />}>
            <Gallery
              {...reuse}
              polling={connection === 'polling'}
              line={line}
              placeholder={<Placeholder />}
              whenEmpty={<SampleCards onSample={onSample} />}
            />
          </Suspense>
        </div>
      </main>
      <Suspense>
        <Backstage
          {...reuse}
          composer={composer}
          onNews={setNews}
          onMode={(mode) => control.dispatch({ do: 'set', part: { mode } })}
          onKeys={onKeys}
        />
      </Suspense>
      <Suspense>
        {keysShown && <KeysDialog onClose={() => showKeys(false)} />}
        {editing && (
          <EditDialog control={control} editing={editing} onClose={() => setEditing(null)} />
        )}
      </Suspense>
    </div>
  )
}
