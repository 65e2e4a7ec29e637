import { useEffect } from 'react'

import { isEnded } from '../../api/jobCache.ts'
import type { Job } from '../../api/types.ts'
import { moves, stageWords } from './jobWords.ts'

/** The tab tells how far the oldest running video is, for a person who looks elsewhere. */
export function useTabTitle(jobs: Job[]): void {
  const running = jobs.findLast((job) => !isEnded(job))
  const title = running ? `${tabWords(running)} – Animatrix` : 'Animatrix'
  useEffect(() => {
    document.title = title
  }, [title])
}

function tabWords(job: Job): string {
  return moves(job) ? `${Math.floor(job.progress * 100)} %` : stageWords(job)
}
