import { useSimulated } from '../api/studio.ts'
import { Badge } from '../components/Badge.tsx'

/**
 * Tells that nothing here is generated. On phones the sentence stands in the space under the header,
 * so that nothing moves for it.
 */
export default function DemoBadge() {
  if (!useSimulated()) return null
  return (
    <span data-testid="demo-badge" className="contents">
      <Badge>Demo</Badge>
      <span className="truncate text-xs text-muted max-sm:absolute max-sm:inset-x-4 max-sm:top-full max-sm:-mt-2.5">
        Results are simulated here
      </span>
    </span>
  )
}
