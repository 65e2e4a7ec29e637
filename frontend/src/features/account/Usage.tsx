import { useQuery } from '@tanstack/react-query'

import { meQuery } from '../../api/me.ts'
import { Rest } from './Rest.tsx'
import { metersOf, type Meter } from './usageWords.ts'

/** How much of what a person may do is used. */
export function Usage() {
  const { data, error, isPending, refetch } = useQuery({ ...meQuery, refetchOnMount: 'always' })
  if (data === undefined) {
    return <Rest error={error} loading={isPending} onRetry={() => void refetch()} />
  }
  const meters = metersOf(data.limits.items)
  return (
    <div className="space-y-4" data-testid="usage">
      {meters.length === 0 && <p className="text-muted">No limits.</p>}
      {meters.map((meter) => (
        <UsageMeter key={meter.label} {...meter} />
      ))}
    </div>
  )
}

/** What browsers draw by themselves is light. */
const METER =
  'mt-1.5 block h-4 w-full [&::-webkit-meter-bar]:border-control [&::-webkit-meter-bar]:bg-bg [&::-webkit-meter-optimum-value]:bg-accent'

function UsageMeter({ label, words, part, resets }: Meter) {
  return (
    <div>
      <div className="flex flex-wrap justify-between gap-x-3">
        <span className="font-medium">{label}</span>
        <span className="text-muted tabular-nums">{words}</span>
      </div>
      <meter aria-label={label} value={part} max={1} className={METER}>
        {words}
      </meter>
      {resets && <p className="mt-1 text-xs text-warn">{resets}</p>}
    </div>
  )
}
