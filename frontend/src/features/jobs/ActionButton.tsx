import type { ComponentProps, ReactNode } from 'react'

import { useJobAction, type OwnAction } from '../../api/actions.ts'
import { problemWords } from '../../api/problem.ts'
import type { Job } from '../../api/types.ts'
import { Button } from '../../components/Button.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'

type ActionButtonProps = {
  job: Job
  action: OwnAction
  look?: ComponentProps<typeof Button>['look']
  testId: string
  children: ReactNode
}

/** One thing to do with a job; nothing when it cannot be done now. */
export function ActionButton({ job, action, look, testId, children }: ActionButtonProps) {
  const act = useJobAction(action)
  if (!job.actions.includes(action)) return null
  return (
    <>
      <Button
        look={look ?? 'outline'}
        data-testid={testId}
        // Without a revision it is not on the server yet.
        disabled={act.isPending || job.rev === 0}
        onClick={() => act.mutate(job.job_id)}
      >
        {children}
      </Button>
      {act.isError && (
        <div className="basis-full" role="alert">
          <NoteLine tone="bad">{problemWords(act.error).lines[0]}</NoteLine>
        </div>
      )}
    </>
  )
}
