import { useState } from 'react'

import { isEnded } from '../../api/jobCache.ts'
import type { Job } from '../../api/types.ts'

/** For those who listen to the page: each video that ends while it is open, once. */
export function News({ jobs }: { jobs: Job[] }) {
  const running = jobs.filter((job) => !isEnded(job)).map(({ job_id }) => job_id)
  const [told, setTold] = useState({ running, words: '' })
  if (running.join() !== told.running.join()) {
    const ended = jobs.filter((job) => isEnded(job) && told.running.includes(job.job_id))
    setTold({ running, words: ended.map(wordsOf).join(' ') || told.words })
  }
  return (
    <output className="sr-only" data-testid="news">
      {/* The same words twice are two pieces of news. */}
      <span key={told.running.join()}>{told.words}</span>
    </output>
  )
}

function wordsOf({ status, prompt }: Job): string {
  if (status === 'completed') return `Ready: ${prompt}.`
  return status === 'failed' ? `Did not finish: ${prompt}.` : `Stopped: ${prompt}.`
}
