import { useEffect } from 'react'

import { isEnded } from '../../api/jobCache.ts'
import type { Job } from '../../api/types.ts'

/** The tab tells how far the oldest running video is, for a person who looks elsewhere. */
export function useTabTitle(jobs: Job[]): void {
  const running = jobs.findLast((job) => !isEnded(job))
  const title = running ? `${Math.floor(running.progress * 100)} % – Animatrix` : 'Animatrix'
  useEffect(() => {
    document.title = title
  }, [title])
}
