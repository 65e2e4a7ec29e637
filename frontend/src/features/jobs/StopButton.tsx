import { CircleStop } from 'lucide-react'

import { useCancelJob } from '../../api/jobs.ts'
import { problemWords } from '../../api/problem.ts'
import type { Job } from '../../api/types.ts'
import { Button } from '../../components/Button.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'

export function StopButton({ job }: { job: Job }) {
  const cancel = useCancelJob()
  // Without a revision it is not on the server yet, and there is nothing to stop.
  const stopping = cancel.isPending || job.status === 'cancelling' || job.rev === 0
  return (
    <>
      {cancel.isError && <NoteLine tone="bad">{problemWords(cancel.error).lines[0]}</NoteLine>}
      <Button data-testid="stop" disabled={stopping} onClick={() => cancel.mutate(job.job_id)}>
        <CircleStop size={16} aria-hidden /> Stop
      </Button>
    </>
  )
}
