import { Button } from '../../../components/Button.tsx'
import type { Admin } from '../../api.ts'
import { jobsWith } from '../../lib/sought.ts'
import { auditHref } from '../../lib/subject.ts'
import { AppLink, Badge } from '../../lib/ui/index.ts'
import { Details } from '../../lib/ui/Details.tsx'
import { History } from './History.tsx'
import { rollBackWords } from './templateWords.ts'
import { Trial } from './Trial.tsx'
import { VersionDetails } from './VersionDetails.tsx'
import { VersionTable } from './VersionTable.tsx'

type TemplateBlockProps = {
  template: Admin<'AdminTemplate'>
  onActivate: (version: string) => void
  onRollBack: () => void
}

export function TemplateBlock({ template, onActivate, onRollBack }: TemplateBlockProps) {
  const { template_id, active_version, canary, versions, history } = template
  const goesBack = rollBackWords(template)
  return (
    <section
      aria-label={template_id}
      data-testid="template"
      className="min-w-0 space-y-3 rounded-card border border-line bg-surface p-3 sm:p-4"
    >
      <header className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
        <h2 className="text-sm font-semibold">{template_id}</h2>
        <Badge tone="ok" testId="active-version">
          {active_version} active
        </Badge>
        {canary && <Badge tone="busy">{`${canary.version} on trial, ${canary.percent} %`}</Badge>}
        <span className="ml-auto flex flex-wrap items-center gap-3 text-[13px]">
          <AppLink href={jobsWith({ template: template_id })}>Jobs</AppLink>
          <AppLink href={auditHref(`template/${template_id}`)}>Audit</AppLink>
          {goesBack && (
            <Button
              className="!min-h-9 pointer-coarse:!min-h-11"
              data-testid="roll-back"
              title={goesBack}
              onClick={onRollBack}
            >
              {canary ? 'End the trial' : 'Roll back'}
            </Button>
          )}
        </span>
      </header>
      {canary && <Trial canary={canary} />}
      <VersionTable template={template} onActivate={onActivate} />
      <div className="space-y-0.5">
        {versions.map((version) => (
          <VersionDetails key={version.version} version={version} />
        ))}
        <Details summary={`History (${history.length})`} testId="history">
          <History lines={history} />
        </Details>
      </div>
    </section>
  )
}
