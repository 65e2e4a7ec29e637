import type { Admin } from '../../api.ts'
import { Section } from '../../lib/ui/index.ts'
import { AttemptTable } from './AttemptTable.tsx'
import { AuditTable } from './AuditTable.tsx'
import { CheckpointTable } from './CheckpointTable.tsx'
import { JsonFile } from './JsonFile.tsx'
import { JsonText } from './JsonText.tsx'
import { Stages } from './Stages.tsx'
import { Timeline } from './Timeline.tsx'

/** What one looks at when the overview does not say enough. */
export function JobDetails({ record }: { record: Admin<'JobRecord'> }) {
  const { manifest_url, debug_url, plan_url } = record
  return (
    <>
      <Section title="Attempts" testId="attempts">
        <AttemptTable prompts={record.prompts} />
      </Section>
      <Section title="Timeline" testId="timeline">
        <Stages stages={record.stages} />
        <Timeline entries={record.timeline} />
      </Section>
      <Section title="Segments" testId="segments">
        <CheckpointTable checkpoints={record.checkpoints} />
      </Section>
      <Section title="Operators' changes" testId="audit">
        <AuditTable lines={record.audit} />
      </Section>
      <Section title="Documents" testId="documents">
        <JsonText name="Request" value={record.job.settings_json} />
        <JsonText name="Settings" value={record.settings} />
        <JsonFile name="Plan" url={plan_url} />
        <JsonFile name="Manifest" url={manifest_url} />
        <JsonFile name="Debug metadata" url={debug_url} />
      </Section>
    </>
  )
}
