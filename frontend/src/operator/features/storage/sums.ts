import type { Admin } from '../../api.ts'

type StorageTotal = Admin<'StorageTotal'>
type Kind = Admin<'StorageKind'>
type Age = Admin<'StorageAge'>

export const AGES: Age[] = [
  'under 1 day',
  '1 to 7 days',
  '7 to 30 days',
  '30 to 90 days',
  'over 90 days',
]

export type Sum = { objects: number; size_bytes: number }
/** What is stored of a kind or an owner, in whole and by age. */
export type Row = Sum & { name: string; ages: Record<Age, number> }

export function sumOf(totals: readonly Sum[]): Sum {
  return {
    objects: totals.reduce((sum, { objects }) => sum + objects, 0),
    size_bytes: totals.reduce((sum, { size_bytes }) => sum + size_bytes, 0),
  }
}

export function rowsByKind(totals: readonly StorageTotal[]): Row[] {
  return rowsBy(totals, ({ kind }) => kind)
}

export function rowsByOwner(totals: readonly StorageTotal[]): Row[] {
  return rowsBy(totals, ({ owner }) => owner ?? 'shared, or nobody’s')
}

/** The largest first. */
function rowsBy(totals: readonly StorageTotal[], nameOf: (total: StorageTotal) => string): Row[] {
  const parts = Map.groupBy(totals, nameOf)
  return [...parts]
    .map(([name, own]) => ({ name, ...sumOf(own), ages: bytesByAge(own) }))
    .toSorted((one, other) => other.size_bytes - one.size_bytes)
}

function bytesByAge(totals: readonly StorageTotal[]): Record<Age, number> {
  const bytesOf = (age: Age) => sumOf(totals.filter((total) => total.age === age)).size_bytes
  return Object.fromEntries(AGES.map((age) => [age, bytesOf(age)])) as Record<Age, number>
}

/** What was stored at one of the daily measurements. */
export type Day = { at: string; size_bytes: number; kinds: Partial<Record<Kind, number>> }

/** The measurements one after the other. */
export function daysOf(days: readonly Admin<'StorageDay'>[]): Day[] {
  return [...Map.groupBy(days, ({ at }) => at)]
    .map(([at, own]) => ({
      at,
      size_bytes: sumOf(own).size_bytes,
      kinds: Object.fromEntries(own.map(({ kind, size_bytes }) => [kind, size_bytes])),
    }))
    .toSorted((one, other) => one.at.localeCompare(other.at))
}
