import { useSegments } from '../../api/segments.ts'
import type { Job } from '../../api/types.ts'
import { Badge } from '../../components/Badge.tsx'
import { lengthWords } from '../../lib/time.ts'

/** That a video goes on from another one, and from where. */
export function TakeNote({ job }: { job: Job }) {
  const start = useSegments(job, { enabled: job.origin !== null })?.find(
    ({ index }) => index === job.origin?.segment,
  )?.start_seconds
  if (job.origin === null) return null
  return (
    <div data-testid="take">
      <Badge>{start ? `New take from ${lengthWords(start)}` : 'New take'}</Badge>
    </div>
  )
}
