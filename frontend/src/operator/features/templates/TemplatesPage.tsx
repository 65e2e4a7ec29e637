import { useState } from 'react'

import { client, dataOf, usePolled, type Admin } from '../../api.ts'
import { AppLink, Empty, Loading, PageHeader, Problem } from '../../lib/ui/index.ts'
import { useFilters } from '../../lib/useFilters.ts'
import { ActivateDialog } from './ActivateDialog.tsx'
import { RollBackDialog } from './RollBackDialog.tsx'
import { TemplateBlock } from './TemplateBlock.tsx'

const NAMES = ['template'] as const
const EVERY_MS = 5_000

/** version: what is to be activated; null rolls back. */
type Wanted = { template: Admin<'AdminTemplate'>; version: string | null }

function fetchTemplates(): Promise<Admin<'AdminTemplateList'>> {
  return dataOf(client.GET('/api/admin/workflows'))
}

/** What new jobs are rendered with, how each version fares, and the way to another. */
export function TemplatesPage() {
  const { data, error, refetch } = usePolled(['templates'], fetchTemplates, { everyMs: EVERY_MS })
  const [{ template: only }] = useFilters(NAMES)
  // As the operator saw it: what it has become meanwhile is told by the refusal.
  const [wanted, setWanted] = useState<Wanted | null>(null)
  const shown = data?.items.filter(({ template_id }) => !only || template_id === only)
  const close = () => setWanted(null)
  return (
    <>
      <PageHeader
        title="Templates"
        hint={only && <AppLink href="/templates">Show all templates</AppLink>}
      />
      {error && (
        <Problem
          lead={data ? 'This is not up to date.' : "The templates can't be shown."}
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {!data && !error && <Loading rows={8} />}
      {shown?.length === 0 && <Empty>There is no template{only && ` ${only}`}.</Empty>}
      {shown?.map((template) => (
        <TemplateBlock
          key={template.template_id}
          template={template}
          onActivate={(version) => setWanted({ template, version })}
          onRollBack={() => setWanted({ template, version: null })}
        />
      ))}
      {wanted?.version && (
        <ActivateDialog template={wanted.template} version={wanted.version} onClose={close} />
      )}
      {wanted?.version === null && <RollBackDialog template={wanted.template} onClose={close} />}
    </>
  )
}
