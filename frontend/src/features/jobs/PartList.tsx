import { useMakeAgain } from '../../api/actions.ts'
import { isEnded } from '../../api/jobCache.ts'
import { problemWords } from '../../api/problem.ts'
import { useSegments } from '../../api/segments.ts'
import type { Job } from '../../api/types.ts'
import { NoteLine } from '../../components/NoteLine.tsx'
import { newKey } from '../../lib/newKey.ts'
import { PartRow } from './PartRow.tsx'

type PartListProps = { job: Job; onPlay: (seconds: number) => void }

/** The parts that are done, each to be played, and to be made again with all that follows. */
export function PartList({ job, onPlay }: PartListProps) {
  const parts = useSegments(job, { enabled: true })?.filter(({ state }) => state === 'done')
  const again = useMakeAgain(job.job_id)
  return (
    <div className="space-y-2 px-3 pb-3">
      <p className="text-xs text-muted">
        Everything after the part is made again too, as a new video.{' '}
        {isEnded(job)
          ? 'This one stays.'
          : 'This one stays, and ends with the parts that are done.'}
      </p>
      <ul className="-mx-1.5 max-h-64 space-y-1 overflow-y-auto" data-testid="part-list">
        {parts?.map((part) => (
          <PartRow
            key={part.index}
            part={part}
            busy={again.isPending}
            onPlay={() => onPlay(part.start_seconds)}
            onAgain={() => again.mutate({ index: part.index, key: newKey() })}
          />
        ))}
      </ul>
      <output className="block empty:hidden" data-testid="again-note">
        {again.isError && <NoteLine tone="bad">{problemWords(again.error).lines[0]}</NoteLine>}
        {again.isSuccess && (
          <NoteLine tone="hint">Your new take is on its way, on top of your videos.</NoteLine>
        )}
      </output>
    </div>
  )
}
