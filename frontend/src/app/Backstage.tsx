import { lazy, Suspense, useEffect, type RefObject } from 'react'
import { useLocation, useRoute } from 'wouter'

import { awayMessage, useLine } from '../api/line.ts'
import { useLiveJobs, type Connection } from '../api/live.ts'
import type { Job, LinePlaces } from '../api/types.ts'
import type { ComposerHandle } from '../features/composer/Composer.tsx'
import { useFreshMedia } from '../api/freshMedia.ts'
import { usePageKeys } from '../lib/keys.ts'
import type { ModeId } from '../lib/modes.ts'
import { useReadyNews } from './useReadyNews.ts'

const AccountDialog = lazy(() => import('../features/account/AccountDialog.tsx'))
const Viewer = lazy(() => import('../features/viewer/Viewer.tsx'))

export type News = {
  connection: Connection
  line: LinePlaces | undefined
  /** Why nothing is rendered for this person at all, in words. */
  away: string | null
}

type BackstageProps = {
  composer: RefObject<ComposerHandle | null>
  onNews: (news: News) => void
  onMode: (mode: ModeId) => void
  onKeys: () => void
  onReuse: (job: Job) => void
  onAgain: (job: Job) => void
}

/** What goes on without being seen at first: live news, keys, and the address of a single video. */
export default function Backstage(props: BackstageProps) {
  const { composer, onNews, onMode, onKeys } = props
  const connection = useLiveJobs()
  const line = useLine(connection === 'polling')
  useEffect(() => onNews({ connection, line, away: awayMessage(line) }), [connection, line, onNews])
  useReadyNews()
  usePageKeys({
    'Ctrl+Enter': () => composer.current?.generate(),
    'Alt+1': () => onMode('move'),
    'Alt+2': () => onMode('mix'),
    'Alt+3': () => onMode('audio'),
    '/': () => composer.current?.write(),
    a: () => composer.current?.addFiles(),
    '?': onKeys,
  })
  useFreshMedia()
  return (
    <>
      <ViewerRoute {...props} />
      <AccountRoute />
    </>
  )
}

/** All that is the person's, over the studio, at its own address. */
function AccountRoute() {
  const [shown, params] = useRoute('/account/:section?')
  const [, navigate] = useLocation()
  if (!shown) return null
  return (
    <Suspense>
      <AccountDialog
        section={params.section}
        onSection={(section) => navigate(`/account/${section}`, { replace: true })}
        onClose={() => navigate('/')}
      />
    </Suspense>
  )
}

/** A video by itself, over the studio, at its own address. */
function ViewerRoute({ onReuse, onAgain }: Pick<BackstageProps, 'onReuse' | 'onAgain'>) {
  const [shown, params] = useRoute('/v/:id')
  const [, navigate] = useLocation()
  if (!shown) return null
  const close = () => navigate('/')
  const closed = (then: (job: Job) => void) => (job: Job) => {
    close()
    then(job)
  }
  return (
    <Suspense>
      <Viewer
        jobId={params.id}
        onClose={close}
        onReuse={closed(onReuse)}
        onAgain={closed(onAgain)}
      />
    </Suspense>
  )
}
