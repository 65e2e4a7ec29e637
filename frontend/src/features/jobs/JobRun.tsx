import type { Job } from '../../api/types.ts'
import { JobFacts } from './JobFacts.tsx'
import { RunProgress } from './RunProgress.tsx'
import { StageList } from './StageList.tsx'
import { StopButton } from './StopButton.tsx'

/** The details of a job on its way. */
export function JobRun({ job }: { job: Job }) {
  return (
    <>
      <RunProgress job={job} />
      <StageList stage={job.stage} />
      <JobFacts job={job} />
      <div className="mt-auto space-y-2 pt-1">
        <StopButton job={job} />
      </div>
    </>
  )
}
