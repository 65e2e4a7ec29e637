import { useRef, useState } from 'react'

import { useRemoveJob } from '../../api/actions.ts'
import { useJob } from '../../api/job.ts'
import { useLine, withPlace } from '../../api/line.ts'
import { isGone } from '../../api/problem.ts'
import type { Job } from '../../api/types.ts'
import { cx } from '../../lib/cx.ts'
import { MODES } from '../../lib/modes.ts'
import { modeOf } from '../jobs/jobWords.ts'
import { KeyList } from './KeyList.tsx'
import type { ResultHandle } from './ResultPlayer.tsx'
import { useKeys } from './useKeys.ts'
import { useNeighbours, viewerPath } from './useNeighbours.ts'
import { ViewerDialog } from './ViewerDialog.tsx'
import { ViewerNotice } from './ViewerNotice.tsx'
import { ViewerPanel } from './ViewerPanel.tsx'
import { ViewerStage } from './ViewerStage.tsx'

type ViewerProps = {
  jobId: string
  onClose: () => void
  onReuse: (job: Job) => void
  onAgain: (job: Job) => void
}

/** One video by itself, at its own address. */
export default function Viewer({ jobId, onClose, onReuse, onAgain }: ViewerProps) {
  const { data, error, refetch } = useJob(jobId)
  const line = useLine(false)
  const remove = useRemoveJob()
  const { onNewer, onOlder } = useNeighbours(jobId)
  const [compare, setCompare] = useState(false)
  const result = useRef<ResultHandle>(null)
  const download = useRef<HTMLAnchorElement>(null)
  const job = data && !isGone(error) ? withPlace(data, line) : undefined

  useKeys({
    ArrowLeft: () => onNewer?.(),
    ArrowRight: () => onOlder?.(),
    ...(job?.output && {
      ' ': () => result.current?.toggle(),
      ',': () => result.current?.move(-1),
      '.': () => result.current?.move(1),
      j: () => result.current?.skip(-1),
      l: () => result.current?.skip(1),
      f: () => result.current?.fullscreen(),
      d: () => download.current?.click(),
    }),
  })

  const onRemove = (removed: Job) => {
    remove.mutate(removed)
    onClose()
  }

  const askAgain = async () => {
    const { data, isError } = await refetch()
    return isError ? null : (data?.output?.video_url ?? null)
  }

  return (
    <ViewerDialog
      title={job ? MODES[modeOf(job)].label : 'Your video'}
      linkTo={viewerPath(jobId)}
      {...{ onNewer, onOlder, onClose }}
    >
      {job ? (
        <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain md:flex md:overflow-hidden">
          <div
            // Nothing of the one before goes on in the next one.
            key={jobId}
            className={cx(
              'flex min-w-0 flex-col md:h-auto md:flex-1',
              compare ? 'h-full' : 'h-[76dvh]',
            )}
          >
            <ViewerStage
              job={job}
              compare={compare}
              onCompare={setCompare}
              askAgain={askAgain}
              ref={result}
            />
          </div>
          <aside
            aria-label="About this video"
            className="flex flex-col gap-4 p-4 pb-[max(1rem,env(safe-area-inset-bottom))] md:w-80 md:shrink-0 lg:w-88 md:overflow-y-auto md:border-l md:border-line md:p-5"
          >
            <ViewerPanel {...{ job, download, onReuse, onAgain, onRemove }} />
            {job.output && <KeyList />}
          </aside>
        </div>
      ) : (
        <ViewerNotice error={error} onRetry={() => void refetch()} onClose={onClose} />
      )}
    </ViewerDialog>
  )
}
