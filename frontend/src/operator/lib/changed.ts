import type { Admin } from '../api.ts'

/** A value that a change left otherwise than it was. null: there was none, or there is none now. */
export type Changed = { path: string; before: string | null; after: string | null }

/** Counts the changes themselves, which tells nothing of what was changed. */
const COUNTER = 'rev'

/** What a change made of what, value by value; what stayed as it was is left out. */
export function changedValues({ before, after }: Pick<Admin<'AuditLine'>, 'before' | 'after'>) {
  const [old, now] = [valuesIn(before), valuesIn(after)]
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path): Changed => ({
      path,
      before: old.get(path) ?? null,
      after: now.get(path) ?? null,
    }))
    .filter((changed) => changed.path !== COUNTER && changed.before !== changed.after)
}

/** Every value by its path, as text: `canary.percent`. What is null is left out. */
function valuesIn(value: unknown, path = ''): Map<string, string> {
  if (value === null || value === undefined) return new Map()
  if (typeof value !== 'object') return new Map([[path || 'value', String(value)]])
  return new Map(
    Object.entries(value).flatMap(([name, part]) => [
      ...valuesIn(part, path ? `${path}.${name}` : name),
    ]),
  )
}
