import { ExternalLink } from 'lucide-react'

import type { Admin } from '../../api.ts'
import { Copy } from '../../lib/ui/index.ts'

/** The workflows of a job, one for each start; the newest first. */
export function RunLinks({ runs }: { runs: Admin<'JobRun'>[] }) {
  return (
    <ul>
      {runs.toReversed().map(({ run, workflow_id, temporal_url }) => (
        <li key={run} className="flex items-center gap-1">
          {temporal_url ? (
            <a
              href={temporal_url}
              target="_blank"
              rel="noreferrer"
              className="inline-flex min-w-0 items-center gap-1 underline decoration-line underline-offset-2 hover:text-accent"
            >
              <code className="min-w-0 font-mono text-xs break-all">{workflow_id}</code>
              <ExternalLink size={12} className="shrink-0" aria-hidden />
              <span className="sr-only">, opens the Temporal Web UI</span>
            </a>
          ) : (
            <code className="font-mono text-xs break-all">{workflow_id}</code>
          )}
          <Copy text={workflow_id} of="workflow id" />
        </li>
      ))}
    </ul>
  )
}
