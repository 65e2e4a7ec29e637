import { useEffect, useRef } from 'react'

import { useLoadedJobs } from '../api/job.ts'
import { isEnded } from '../api/jobCache.ts'
import { tellReady } from '../lib/notify.ts'

const READY = 'Ready – Animatrix'

/** Tell of videos that get ready while this page is open, and in its title until it is looked at. */
export function useReadyNews(): void {
  const jobs = useLoadedJobs()
  const running = useRef(new Set<string>())

  useEffect(() => {
    const ready = jobs.filter(
      (job) => job.status === 'completed' && running.current.has(job.job_id),
    )
    running.current = new Set(jobs.filter((job) => !isEnded(job)).map(({ job_id }) => job_id))
    if (ready.length === 0) return
    const [first] = ready
    tellReady(first?.prompt ? `Ready: ${first.prompt.slice(0, 80)}` : 'Your video is ready.')
    if (running.current.size === 0 && isAway()) titleUntilSeen()
  }, [jobs])
}

function isAway(): boolean {
  return document.hidden || !document.hasFocus()
}

function titleUntilSeen(): void {
  // The list sets the title for what still runs; this comes after it.
  setTimeout(() => {
    document.title = READY
  })
  const listening = new AbortController()
  const seen = () => {
    if (isAway()) return
    listening.abort()
    if (document.title === READY) document.title = 'Animatrix'
  }
  window.addEventListener('focus', seen, { signal: listening.signal })
  document.addEventListener('visibilitychange', seen, { signal: listening.signal })
}
