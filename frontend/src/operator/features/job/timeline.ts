import type { Admin } from '../../api.ts'

type TimelineEntry = Admin<'TimelineEntry'>

/** The events that are more than progress; the time of those that are not counts to the one before. */
export function withoutProgress(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const kept: TimelineEntry[] = []
  for (const entry of entries) {
    const before = kept.at(-1)
    if (entry.type !== 'progress' || before === undefined) kept.push(entry)
    else kept[kept.length - 1] = { ...before, seconds: sum(before.seconds, entry.seconds) }
  }
  return kept
}

function sum(first: number | null, second: number | null): number | null {
  return first === null && second === null ? null : (first ?? 0) + (second ?? 0)
}
