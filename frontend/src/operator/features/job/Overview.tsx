import type { Admin } from '../../api.ts'
import { Section } from '../../lib/ui/index.ts'
import { JobFacts } from './JobFacts.tsx'
import { JobInputs } from './JobInputs.tsx'
import { Result } from './Result.tsx'

/** What stands beside the cause: where it ran, what with, and what came of it. */
export function Overview({ record }: { record: Admin<'JobRecord'> }) {
  return (
    <div className="grid gap-x-6 gap-y-4 lg:grid-cols-[minmax(0,6fr)_minmax(0,5fr)]">
      <Section title="Facts" testId="facts">
        <JobFacts record={record} />
      </Section>
      <div className="min-w-0 space-y-4">
        <Section title="Inputs" testId="inputs">
          <JobInputs inputs={record.inputs} />
        </Section>
        {record.output && (
          <Section title="Output" testId="output">
            <Result output={record.output} />
          </Section>
        )}
      </div>
    </div>
  )
}
