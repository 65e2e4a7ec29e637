import type { Job } from '../../api/types.ts'
import { Decision } from './Decision.tsx'
import { JobFacts } from './JobFacts.tsx'
import { JobWarnings } from './JobWarnings.tsx'
import { RunActions } from './RunActions.tsx'
import { RunProgress } from './RunProgress.tsx'
import { StageList } from './StageList.tsx'

/** The details of a job on its way. */
export function JobRun({ job }: { job: Job }) {
  return (
    <>
      <RunProgress job={job} />
      {job.wait?.reason === 'decision' && <Decision job={job} />}
      <StageList job={job} />
      <JobFacts job={job} />
      <JobWarnings warnings={job.warnings} />
      <RunActions job={job} />
    </>
  )
}
