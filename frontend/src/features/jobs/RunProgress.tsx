import type { Job } from '../../api/types.ts'
import { Parts } from '../../components/Parts.tsx'
import { lateWords, moves, stageWords, waitParts } from './jobWords.ts'
import { useSteady } from './useSteady.ts'

/** How far a running job is. Progress comes from the server and never falls. */
export function RunProgress({ job }: { job: Job }) {
  const percent = Math.floor(job.progress * 100)
  const shown = moves(job)
  const left = useSteady(job.eta_seconds, 0)
  // Each part of a long video waits by itself.
  const start = useSteady(job.wait?.seconds ?? null, job.segments_done)
  const told = {
    ...job,
    eta_seconds: left.range,
    wait: job.wait && { ...job.wait, seconds: job.wait.seconds && start.range },
  }
  const late = lateWords(job, { left: left.late, start: start.late })
  return (
    <div className="space-y-2">
      <div className="flex items-baseline justify-between gap-3">
        <span className="text-base font-semibold" aria-live="polite" data-testid="stage">
          {stageWords(job)}
        </span>
        {shown && <span className="text-base font-semibold tabular-nums">{percent} %</span>}
      </div>
      <progress className="sr-only" aria-label="Progress" max={100} value={percent} />
      <div aria-hidden className="h-1.5 overflow-hidden rounded-full bg-line">
        {shown ? (
          <div
            className="h-full origin-left rounded-full bg-accent transition-transform duration-200 ease-out"
            style={{ transform: `scaleX(${job.progress})` }}
          />
        ) : (
          <div className="h-full w-full animate-wait rounded-full bg-accent/40" />
        )}
      </div>
      <p
        className="min-h-5 text-[13px] text-muted tabular-nums empty:hidden *:first:first-letter:uppercase"
        data-testid="wait"
      >
        <Parts parts={waitParts(told)} />
      </p>
      {late && (
        <p className="text-xs text-warn" data-testid="late">
          {late}
        </p>
      )}
    </div>
  )
}
