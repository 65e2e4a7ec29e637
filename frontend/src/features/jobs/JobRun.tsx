import type { Job } from '../../api/types.ts'
import { Decision } from './Decision.tsx'
import { JobFacts } from './JobFacts.tsx'
import { JobWarnings } from './JobWarnings.tsx'
import { RunActions } from './RunActions.tsx'
import { RunProgress } from './RunProgress.tsx'
import { StageList } from './StageList.tsx'

type JobRunProps = {
  job: Job
  /** Its title leads to a page of its own. */
  linked?: boolean
}

/** The details of a job on its way. */
export function JobRun({ job, linked = false }: JobRunProps) {
  return (
    <>
      <RunProgress job={job} />
      {job.wait?.reason === 'decision' && <Decision job={job} />}
      <StageList job={job} />
      <JobFacts job={job} linked={linked} />
      <JobWarnings warnings={job.warnings} />
      <RunActions job={job} />
    </>
  )
}
