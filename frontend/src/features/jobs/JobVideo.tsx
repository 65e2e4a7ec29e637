import { useQueryClient } from '@tanstack/react-query'
import { useState, type Ref } from 'react'

import { isEnded } from '../../api/jobCache.ts'
import { refreshJob } from '../../api/jobs.ts'
import type { Job } from '../../api/types.ts'
import { lengthWords } from '../../lib/time.ts'
import { usePicture, usePinned } from '../../lib/usePinned.ts'
import { Player, type PlayerHandle } from './Player.tsx'

type JobVideoProps = { job: Job; url: string; ref: Ref<PlayerHandle> }

/** What there is of a job's video. Its address expires: then it is asked for once more. */
export function JobVideo({ job, url, ref }: JobVideoProps) {
  const queries = useQueryClient()
  const [broken, setBroken] = useState<string | null>(null)
  const pinned = usePinned(url)
  const poster = usePicture(job.output?.poster_url ?? job.poster_url)
  const whole = job.output !== null
  return (
    <Player
      url={pinned === null || broken === pinned ? url : pinned}
      poster={poster}
      label={whole ? job.prompt : `The first ${lengthWords(job.growing?.duration_seconds ?? 0)}`}
      whole={whole}
      grows={!isEnded(job)}
      ref={ref}
      onBroken={() => {
        if (broken === pinned) return
        setBroken(pinned)
        void refreshJob(queries, job.job_id)
      }}
    />
  )
}
