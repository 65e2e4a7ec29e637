import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState, type PointerEvent } from 'react'

import { isEnded } from '../../api/jobCache.ts'
import { refreshJob } from '../../api/jobs.ts'
import type { Job } from '../../api/types.ts'
import { cx } from '../../lib/cx.ts'
import { wantsStillness } from '../../lib/motion.ts'
import type { JobActs } from './acts.ts'
import { EndActions } from './EndActions.tsx'
import { JobFacts } from './JobFacts.tsx'
import { JobOutcome } from './JobOutcome.tsx'
import { JobRun } from './JobRun.tsx'
import { JobVideo } from './JobVideo.tsx'
import { JobWarnings } from './JobWarnings.tsx'
import { shapeOf } from './jobWords.ts'
import { PartsMenu } from './PartsMenu.tsx'
import { PartStrip } from './PartStrip.tsx'
import { PlayToggle } from './PlayToggle.tsx'
import type { PlayerHandle } from './Player.tsx'
import { Preview } from './Preview.tsx'
import { Stage } from './Stage.tsx'
import { TakeNote } from './TakeNote.tsx'

type JobCardProps = {
  job: Job
  /** The newest one stands out, and has a player of its own. */
  large: boolean
  /** Its preview plays. */
  plays: boolean
  acts: JobActs
}

/** A pointer that only passes by plays nothing. */
const REST_MS = 120

export function JobCard({ job, large, plays, acts }: JobCardProps) {
  const queries = useQueryClient()
  const player = useRef<PlayerHandle>(null)
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [start, setStart] = useState(0)
  // The event that a video is completed comes a moment before its address.
  const ended = isEnded(job) && !(job.status === 'completed' && job.output === null)
  const [ran] = useState(!ended)
  const url = job.output?.video_url ?? job.growing?.video_url
  const preview = (on: boolean) => acts.onPreview(job.job_id, on)
  const onHover = ({ pointerType }: PointerEvent, on: boolean) => {
    clearTimeout(resting.current)
    if (large || url === undefined || pointerType !== 'mouse' || wantsStillness()) return
    if (on) resting.current = setTimeout(() => preview(true), REST_MS)
    else preview(false)
  }
  const playFrom = (seconds: number) => {
    setStart(seconds)
    if (large) player.current?.playFrom(seconds)
    else preview(true)
  }

  return (
    <article
      data-testid="run-card"
      data-job-id={job.job_id}
      data-status={job.status}
      data-progress={job.progress}
      data-large={large}
      onPointerEnter={(event) => onHover(event, true)}
      onPointerLeave={(event) => onHover(event, false)}
      className={cx(
        'group/card relative flex h-full flex-col overflow-hidden rounded-card border border-line bg-surface',
        'has-[[data-testid=open-viewer]:focus-visible]:outline-2 has-[[data-testid=open-viewer]:focus-visible]:-outline-offset-2 has-[[data-testid=open-viewer]:focus-visible]:outline-accent',
        large && '@2xl:flex-row',
      )}
    >
      <Stage
        posterUrl={job.output?.poster_url ?? job.poster_url}
        shape={shapeOf(job)}
        large={large}
        look={url ? 'video' : ended ? 'ended' : 'running'}
        foot={job.segment_count > 1 && !job.output && <PartStrip job={job} />}
      >
        {url && large && <JobVideo job={job} url={url} ref={player} />}
        {url && !large && plays && (
          <Preview
            // From another place it begins anew.
            key={start}
            url={url}
            label={job.prompt}
            whole={job.output !== null}
            start={start}
            onLeave={() => preview(false)}
            onBroken={() => {
              preview(false)
              void refreshJob(queries, job.job_id)
            }}
          />
        )}
      </Stage>
      {url && !large && <PlayToggle plays={plays} onToggle={() => preview(!plays)} />}
      <div
        className={cx(
          'flex min-w-0 flex-col gap-3 p-3',
          large && 'gap-4 p-4 @2xl:max-w-80 @2xl:min-h-104 @2xl:flex-1 @2xl:p-5',
          // As high when it has ended as on its way.
          ran && 'min-h-68',
        )}
      >
        <TakeNote job={job} />
        {ended ? (
          <>
            <JobOutcome job={job} />
            <JobFacts job={job} linked />
            <JobWarnings warnings={job.warnings} />
            <EndActions job={job} acts={acts} />
          </>
        ) : (
          // Without a revision it is not on the server yet.
          <JobRun job={job} linked={job.rev > 0} />
        )}
        {job.actions.includes('again') && url && <PartsMenu job={job} onPlay={playFrom} />}
      </div>
    </article>
  )
}
