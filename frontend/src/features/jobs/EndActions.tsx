import { Download, RotateCcw } from 'lucide-react'

import type { Job } from '../../api/types.ts'
import { ShareButton } from '../share/ShareButton.tsx'
import { ActionButton } from './ActionButton.tsx'
import type { JobActs } from './acts.ts'
import { MoreMenu } from './MoreMenu.tsx'

/** What can be done with a job that has ended. */
export function EndActions({ job, acts }: { job: Job; acts: JobActs }) {
  return (
    <div className="relative z-1 mt-auto flex flex-wrap items-center gap-2 pt-1">
      {job.output && (
        <a
          href={job.output.download_url}
          download
          data-testid="download-link"
          className="inline-flex min-h-11 min-w-11 items-center justify-center gap-2 rounded-chip border border-line bg-raised/60 px-3 font-medium transition-colors duration-150 hover:border-control hover:bg-raised"
        >
          <Download size={16} aria-hidden />
          <span className="sr-only @[19rem]:not-sr-only">Download</span>
        </a>
      )}
      <ShareButton job={job} look="quiet" />
      <ActionButton job={job} action="retry" testId="retry">
        <RotateCcw size={16} aria-hidden /> Try again
      </ActionButton>
      <MoreMenu job={job} acts={acts} />
    </div>
  )
}
