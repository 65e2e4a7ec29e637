import type { Admin } from '../../api.ts'
import { JobId, AppLink, Since, Stat, Stats } from '../../lib/ui/index.ts'
import { jobHref } from '../../lib/sought.ts'

/** The whole line in a few numbers. */
export function Totals({ queue }: { queue: Admin<'QueueView'> }) {
  const { waiting, running, preparing, gpus, oldest, saturation } = queue
  return (
    <Stats>
      <Stat
        label="Waiting"
        testId="waiting-count"
        value={waiting.length}
        tone={saturation.reached ? 'warn' : 'usual'}
        hint={`Saturated from ${saturation.threshold}`}
      />
      <Stat label="Running" testId="running-count" value={running.length} />
      <Stat label="Preparing" value={preparing} hint="Their files are read" />
      <Stat label="Backends that take work" value={gpus} tone={gpus === 0 ? 'bad' : 'usual'} />
      <Stat
        label="Longest wait"
        value={oldest ? <Since at={oldest.queued_at} /> : '–'}
        hint={
          oldest && (
            <AppLink href={jobHref(oldest.job_id)}>
              <JobId id={oldest.job_id} />
            </AppLink>
          )
        }
      />
    </Stats>
  )
}
