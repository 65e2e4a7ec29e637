import { useState, type Ref, type SyntheticEvent } from 'react'

import type { Job } from '../../api/types.ts'
import { Switch } from '../../components/Switch.tsx'
import { wantsStillness } from '../../lib/motion.ts'
import { usePicture } from '../../lib/usePinned.ts'
import { JobVideo } from '../jobs/JobVideo.tsx'
import { shapeOf } from '../jobs/jobWords.ts'
import { ResultPlayer, type ResultHandle } from './ResultPlayer.tsx'
import { Screen } from './Screen.tsx'
import { clipOf } from './useClip.ts'
import type { Place } from './usePlace.ts'

type ViewerStageProps = {
  job: Job
  compare: boolean
  onCompare: (compare: boolean) => void
  askAgain: () => Promise<string | null>
  ref: Ref<ResultHandle>
}

/** What there is to see of a job: its result, what is done of it, or its picture. */
export function ViewerStage({ job, compare, onCompare, askAgain, ref }: ViewerStageProps) {
  const { output, growing } = job
  // A result that comes while something else is done is not to sound.
  const first = { seconds: 0, plays: !wantsStillness(), muted: output === null }
  const [place, setPlace] = useState<Place>(first)
  if (output !== null) {
    return (
      <>
        <ResultPlayer {...{ job, output, compare, askAgain, ref }} first={place} />
        {clipOf(job) && (
          <div className="flex justify-center bg-surface px-4 pb-2" data-testid="compare">
            <Switch
              label="Compare with your clip"
              hint="Both play together, the clip silent."
              checked={compare}
              onChange={onCompare}
            />
          </div>
        )}
      </>
    )
  }

  // The result goes on where this one is.
  const onPlayback = ({ target }: SyntheticEvent) => {
    if (!(target instanceof HTMLVideoElement) || target.ariaHidden === 'true') return
    const { currentTime: seconds, paused, ended, muted } = target
    setPlace({ seconds, plays: !paused || ended, muted })
  }
  return (
    <div
      className="flex min-h-0 flex-1 flex-col bg-stage"
      onPlayCapture={onPlayback}
      onPauseCapture={onPlayback}
      onTimeUpdateCapture={onPlayback}
    >
      <Screen shape={shapeOf(job)}>
        {growing ? (
          <JobVideo job={job} url={growing.video_url} ref={null} />
        ) : (
          <Poster url={job.poster_url} />
        )}
      </Screen>
    </div>
  )
}

function Poster({ url }: { url: string | null }) {
  const poster = usePicture(url)
  return poster && <img src={poster} alt="" className="size-full object-cover opacity-50" />
}
