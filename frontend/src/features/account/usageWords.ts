import type { LimitUse } from '../../api/types.ts'
import { momentWords } from '../../lib/time.ts'

const LABELS: Record<LimitUse['name'], string | null> = {
  gpu_seconds_per_day: 'Render time in 24 hours',
  waiting_jobs: 'Videos that wait or are made',
  running_jobs: 'Videos made at once',
  uploads_per_day: 'Uploads in 24 hours',
  upload_bytes_per_day: 'Size of uploads in 24 hours',
  requests_per_minute: null,
}

export type Meter = { label: string; words: string; part: number; resets: string | null }

/** What a person reads of the limits there are. */
export function metersOf(uses: LimitUse[]): Meter[] {
  return uses.flatMap(({ name, used, limit, resets_at }) => {
    const label = LABELS[name]
    if (label === null || limit === null) return []
    const part = limit === 0 ? 1 : Math.min(1, used / limit)
    const full = used >= limit
    const resets = full && resets_at ? `More from ${momentWords(Date.parse(resets_at))}.` : null
    return [{ label, words: amountWords(name, used, limit), part, resets }]
  })
}

const GB = 1_000_000_000

function amountWords(name: LimitUse['name'], used: number, limit: number): string {
  const isLarge = name === 'upload_bytes_per_day' && limit >= GB
  const [size, unit] = isLarge ? [GB, ' GB'] : (UNITS[name] ?? [1, ''])
  const amount = (value: number) => Math.round((value / size) * 10) / 10
  return `${amount(used)} of ${amount(limit)}${unit}`
}

const UNITS: Partial<Record<LimitUse['name'], [number, string]>> = {
  gpu_seconds_per_day: [60, ' min'],
  upload_bytes_per_day: [1_000_000, ' MB'],
}
