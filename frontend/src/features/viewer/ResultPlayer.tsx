import { useImperativeHandle, useRef, useState, type Ref } from 'react'

import type { Job, JobOutput } from '../../api/types.ts'
import { Button } from '../../components/Button.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'
import { usePicture } from '../../lib/usePinned.ts'
import { shapeOf } from '../jobs/jobWords.ts'
import { ClipScreen } from './ClipScreen.tsx'
import { toggleFullscreen } from './fullscreen.ts'
import { Screen } from './Screen.tsx'
import { Transport } from './Transport.tsx'
import { useAddress } from './useAddress.ts'
import { clipOf } from './useClip.ts'
import { usePlace, type Place } from './usePlace.ts'
import { usePlayback, type Playback } from './usePlayback.ts'

export type ResultHandle = Pick<Playback, 'toggle' | 'move' | 'skip'> & { fullscreen: () => void }

type ResultPlayerProps = {
  job: Job
  output: JobOutput
  first: Place
  /** Whether the motion clip is shown beside it. */
  compare: boolean
  askAgain: () => Promise<string | null>
  ref: Ref<ResultHandle>
}

/** A finished video with all there is to look at it closely. */
export function ResultPlayer({ job, output, first, compare, askAgain, ref }: ResultPlayerProps) {
  const box = useRef<HTMLDivElement>(null)
  const [video, setVideo] = useState<HTMLVideoElement | null>(null)
  const { src, broken, onError, retry } = useAddress({
    url: output.video_url,
    video,
    askAgain,
  })
  const poster = usePicture(output.poster_url)
  const keepPlace = usePlace(video, first)
  const { fps, frame_count: frames } = output
  const playback = usePlayback(video, fps, frames)
  const fullscreen = () => void toggleFullscreen(box.current)
  const clip = compare ? clipOf(job) : null
  useImperativeHandle(ref, () => ({ ...playback, fullscreen }))

  return (
    <div
      ref={box}
      className="@container flex min-h-0 flex-1 flex-col bg-stage"
      data-testid="result"
    >
      <div className="flex min-h-0 flex-1 flex-col gap-x-1 sm:flex-row">
        <Screen shape={shapeOf(job)} caption={clip ? 'Your result' : undefined}>
          <video
            ref={setVideo}
            src={src}
            data-testid="viewer-video"
            aria-label={job.prompt}
            className="size-full"
            poster={poster ?? undefined}
            controls
            loop
            playsInline
            preload="auto"
            onError={() => {
              keepPlace()
              onError()
            }}
          />
        </Screen>
        {clip && <ClipScreen {...clip} lead={video} fps={fps} />}
      </div>
      {broken && (
        <div className="bg-surface px-4 py-2" role="alert">
          <NoteLine
            tone="bad"
            action={
              <Button look="quiet" onClick={() => void retry()}>
                Try again
              </Button>
            }
          >
            We cannot play this video right now.
          </NoteLine>
        </div>
      )}
      <Transport playback={playback} fps={fps} frames={frames} onFullscreen={fullscreen} />
    </div>
  )
}
