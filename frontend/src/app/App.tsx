import { lazy, Suspense, useRef } from 'react'

import { awayMessage, useLine } from '../api/line.ts'
import { useLiveJobs } from '../api/live.ts'
import { Composer } from '../features/composer/Composer.tsx'
import { useDraft } from '../features/composer/useDraft.ts'
import { SampleMenu } from '../features/samples/SampleMenu.tsx'
import type { OnSample } from '../features/samples/useSample.ts'
import { Header } from './Header.tsx'
import { Placeholder } from './Placeholder.tsx'

const JobList = lazy(() => import('../features/jobs/JobList.tsx'))
const SampleCards = lazy(() => import('../features/samples/SampleCards.tsx'))

export function App() {
  const connection = useLiveJobs()
  const polling = connection === 'polling'
  const line = useLine(polling)
  const control = useDraft()
  const top = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)

  const onSample: OnSample = (mode, prompt, files) => {
    control.fillSample(mode, prompt, files)
    top.current?.scrollIntoView({ block: 'start' })
  }

  const showList = () => {
    // On a phone the composer fills the screen, and the new video would start unseen below it.
    if (matchMedia('(max-width: 639px)').matches) list.current?.scrollIntoView({ block: 'start' })
  }

  return (
    <div ref={top} className="stage-light min-h-dvh">
      <Header connection={connection} />
      <main className="mx-auto w-full max-w-5xl space-y-8 px-4 pt-6 pb-[max(4rem,env(safe-area-inset-bottom))] sm:px-6 sm:pt-[4vh]">
        <h1 className="text-2xl font-semibold tracking-tight text-balance sm:text-center sm:text-3xl">
          Give your character a move or a voice
        </h1>
        <Composer
          control={control}
          away={awayMessage(line)}
          extra={<SampleMenu onSample={onSample} />}
          onAccepted={showList}
        />
        <div ref={list} className="scroll-mt-4">
          <Suspense fallback={<Placeholder />}>
            <JobList
              polling={polling}
              line={line}
              placeholder={<Placeholder />}
              whenEmpty={<SampleCards onSample={onSample} />}
              onReuse={(job) => {
                control.fillFromJob(job)
                top.current?.scrollIntoView({ block: 'start' })
              }}
            />
          </Suspense>
        </div>
      </main>
    </div>
  )
}
