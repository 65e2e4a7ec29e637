import { CopyPlus, RotateCcw, SlidersHorizontal, Trash2 } from 'lucide-react'
import type { ReactNode, Ref } from 'react'

import { isSettled } from '../../api/job.ts'
import type { Job } from '../../api/types.ts'
import { Badge } from '../../components/Badge.tsx'
import { Button } from '../../components/Button.tsx'
import { ShareButton } from '../share/ShareButton.tsx'
import { cx } from '../../lib/cx.ts'
import { ActionButton } from '../jobs/ActionButton.tsx'
import { EarlyEnd } from '../jobs/EarlyEnd.tsx'
import { JobEnd } from '../jobs/JobEnd.tsx'
import { JobRun } from '../jobs/JobRun.tsx'
import { JobWarnings } from '../jobs/JobWarnings.tsx'
import { TakeNote } from '../jobs/TakeNote.tsx'
import { DownloadLink } from './DownloadLink.tsx'
import { ViewerFacts } from './ViewerFacts.tsx'

export type ViewerPanelProps = {
  job: Job
  download: Ref<HTMLAnchorElement>
  onReuse: (job: Job) => void
  onAgain: (job: Job) => void
  onRemove: (job: Job) => void
}

/** What is told of a job beside its video, and what can be done with it. */
export function ViewerPanel({ job, download, onReuse, onAgain, onRemove }: ViewerPanelProps) {
  if (!isSettled(job)) return <JobRun job={job} />
  const more = (
    <>
      <Button look="quiet" data-testid="same-again" onClick={() => onAgain(job)}>
        <CopyPlus size={16} aria-hidden /> Same again
      </Button>
      <Button look="quiet" data-testid="delete" onClick={() => onRemove(job)}>
        <Trash2 size={16} aria-hidden /> Delete
      </Button>
    </>
  )
  if (job.output === null) {
    return (
      <>
        <TakeNote job={job} />
        <JobEnd job={job} onReuse={onReuse} />
        <Row quiet>{more}</Row>
      </>
    )
  }
  return (
    <>
      {job.output.simulated && (
        <div>
          <Badge>Simulated</Badge>
        </div>
      )}
      <TakeNote job={job} />
      <EarlyEnd job={job} />
      <ViewerFacts job={job} />
      <JobWarnings warnings={job.warnings} />
      <Row>
        <DownloadLink url={job.output.download_url} ref={download} />
        <ShareButton job={job} />
      </Row>
      <Row quiet>
        <ActionButton job={job} action="retry" look="quiet" testId="retry">
          <RotateCcw size={16} aria-hidden /> Try again
        </ActionButton>
        <Button look="quiet" data-testid="same-settings" onClick={() => onReuse(job)}>
          <SlidersHorizontal size={16} aria-hidden /> Same settings
        </Button>
        {more}
      </Row>
    </>
  )
}

/** quiet: its buttons have no edge, so their words stand in line with the rest. */
function Row({ quiet, children }: { quiet?: boolean; children: ReactNode }) {
  return <div className={cx('flex flex-wrap gap-x-2 gap-y-1', quiet && '-mx-3')}>{children}</div>
}
