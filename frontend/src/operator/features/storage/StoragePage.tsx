import { useState } from 'react'

import { Banner } from '../../../components/Banner.tsx'
import { Button } from '../../../components/Button.tsx'
import { client, dataOf, usePolled, type Admin } from '../../api.ts'
import { Loading, PageHeader, Problem, Section } from '../../lib/ui/index.ts'
import { DryRun } from './DryRun.tsx'
import { Growth } from './Growth.tsx'
import { RunDialog } from './RunDialog.tsx'
import { RunTable } from './RunTable.tsx'
import { rowsByKind, rowsByOwner } from './sums.ts'
import { SumTable } from './SumTable.tsx'
import { Totals } from './Totals.tsx'

const EVERY_MS = 5_000

function fetchStorage(): Promise<Admin<'StorageReport'>> {
  return dataOf(client.GET('/api/admin/storage'))
}

/** What is stored, how that grew, and what goes of it by age. */
export function StoragePage() {
  const { data, error, refetch } = usePolled(['storage'], fetchStorage, { everyMs: EVERY_MS })
  const [asking, setAsking] = useState(false)
  const [started, setStarted] = useState<string | null>(null)
  return (
    <>
      <PageHeader
        title="Storage"
        actions={
          <Button
            className="!min-h-9 pointer-coarse:!min-h-11"
            data-testid="run-now"
            onClick={() => setAsking(true)}
          >
            Run the retention now
          </Button>
        }
      />
      {error && (
        <Problem
          lead={data ? 'This is not up to date.' : "The storage can't be shown."}
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {started && (
        <Banner tone="calm" data-testid="started">
          The run {started} has been started. What it removes stands among the runs.
        </Banner>
      )}
      {data ? <Storage report={data} /> : !error && <Loading rows={8} />}
      {asking && <RunDialog onStarted={setStarted} onClose={() => setAsking(false)} />}
    </>
  )
}

function Storage({ report }: { report: Admin<'StorageReport'> }) {
  return (
    <>
      <Totals report={report} />
      <div className="grid items-start gap-4 2xl:grid-cols-2">
        <Section title="By kind">
          <SumTable of="Kind" rows={rowsByKind(report.totals)} testId="by-kind" />
        </Section>
        <Section title="By owner">
          <SumTable of="Owner" rows={rowsByOwner(report.totals)} testId="by-owner" />
        </Section>
      </div>
      <Growth report={report} />
      <DryRun />
      <Section title="Runs in 90 days">
        <RunTable runs={report.runs} />
      </Section>
    </>
  )
}
