import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { refreshJob } from '../../api/jobs.ts'
import type { JobOutput } from '../../api/types.ts'
import { usePinned } from '../../lib/usePinned.ts'

/** The finished video. Its address expires: then it is asked for once more. */
export function ResultVideo({ output, label }: { output: JobOutput; label: string }) {
  const queries = useQueryClient()
  const [expired, setExpired] = useState(false)
  const pinned = usePinned(output.video_url)
  const poster = usePinned(output.poster_url)
  return (
    <video
      data-testid="result-video"
      className="size-full"
      src={(expired ? output.video_url : pinned) ?? undefined}
      poster={poster ?? undefined}
      aria-label={label}
      controls
      loop
      playsInline
      preload="metadata"
      onError={() => {
        if (expired) return
        setExpired(true)
        void refreshJob(queries, output.job_id)
      }}
    />
  )
}
