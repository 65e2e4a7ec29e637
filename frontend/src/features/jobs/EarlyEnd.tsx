import { useSegments } from '../../api/segments.ts'
import type { Job } from '../../api/types.ts'
import { NoteLine } from '../../components/NoteLine.tsx'
import { lengthWords } from '../../lib/time.ts'

/** That a video is shorter than it was to be, for its owner stopped it. */
export function EarlyEnd({ job }: { job: Job }) {
  const early = job.output?.stopped_early === true
  const parts = useSegments(job, { enabled: early })
  if (!early || job.output === null) return null
  const planned = parts?.reduce((sum, part) => sum + part.duration_seconds, 0) ?? 0
  const { duration_seconds: made } = job.output
  return (
    <div data-testid="stopped-early">
      <NoteLine tone="hint">
        {planned > made
          ? `Stopped early: ${lengthWords(made)} of ${lengthWords(planned)}`
          : 'Stopped early'}
      </NoteLine>
    </div>
  )
}
