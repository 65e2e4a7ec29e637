import type { Admin } from '../../api.ts'
import { jobHref, jobsWith } from '../../lib/sought.ts'
import { isEnded } from '../../lib/status.ts'
import { backendHref, templateHref } from '../../lib/subject.ts'
import { splitTemplate } from '../../lib/template.ts'
import { AppLink, Code, Fact, Facts, JobId, Moment, Time } from '../../lib/ui/index.ts'
import { referenceOf } from '../../lib/words.ts'
import { RunLinks } from './RunLinks.tsx'

export function JobFacts({ record }: { record: Admin<'JobRecord'> }) {
  const { job_id, owner, job, backend_id, prompt_id, priority, line, runs } = record
  return (
    <Facts>
      <Fact name="Backend" testId="backend">
        {backend_id ? (
          <AppLink href={backendHref(backend_id)}>{backend_id}</AppLink>
        ) : (
          <Never>It never reached one.</Never>
        )}
      </Fact>
      <Fact name="Prompt id" testId="prompt-id">
        {prompt_id ? <Code text={prompt_id} of="prompt id" /> : <Never>Nothing was sent.</Never>}
      </Fact>
      <Fact name="Template" testId="template">
        <AppLink href={templateHref(splitTemplate(job.workflow_template).template_id)}>
          {job.workflow_template}
        </AppLink>
      </Fact>
      <Fact name="Quality">
        {job.settings_json.quality_profile} · {job.settings_json.aspect_ratio} · seed {job.seed}
      </Fact>
      <Fact name="Owner">
        <AppLink href={jobsWith({ owner })}>{owner}</AppLink>
      </Fact>
      <Fact name="Prompt">
        <span className="line-clamp-3" title={job.prompt}>
          {job.prompt || '–'}
        </span>
      </Fact>
      <Fact name="Segments">
        {job.segments_done} of {job.segment_count} stored
      </Fact>
      <Fact name="Priority" testId="priority">
        {priority}
        {line && !isEnded(job.status) && <span className="text-muted"> in {line}</span>}
      </Fact>
      <Fact name="Created">
        <Moment at={job.created_at} /> · <Time at={job.created_at} />
      </Fact>
      <Fact name="Changed last">
        <Moment at={job.updated_at} /> · <Time at={job.updated_at} />
      </Fact>
      <Fact name="Job id">
        <Code text={job_id} of="job id" />
      </Fact>
      <Fact name="Reference">
        <Code text={referenceOf(job_id)} of="reference" />
      </Fact>
      {job.origin && (
        <Fact name="Goes on from">
          <AppLink href={jobHref(job.origin.job_id)}>
            <JobId id={job.origin.job_id} />
          </AppLink>{' '}
          before segment {job.origin.segment}
        </Fact>
      )}
      <Fact name="Temporal" testId="runs">
        <RunLinks runs={runs} />
      </Fact>
    </Facts>
  )
}

function Never({ children }: { children: string }) {
  return <span className="text-muted">{children}</span>
}
