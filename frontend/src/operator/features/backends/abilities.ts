import type { Admin } from '../../api.ts'

type Backend = Admin<'Backend'>
type Quality = Admin<'QualityProfile'>

export const QUALITIES: Quality[] = ['draft', 'standard', 'high']

/** can: at which qualities a backend renders a template. */
export type TemplateAbility = { template_id: string; can: Record<Quality, boolean> }

/** add: a file with its folder, a node or memory. stops: what can't be rendered without it. */
export type Lack = { add: string; stops: string[] }

/** What a backend can and can't render. Versions have their own place: the templates' page. */
export function templateAbilities({ abilities, missing }: Backend): TemplateAbility[] {
  const able = new Set(abilities ?? [])
  const names = [...able, ...Object.keys(missing)].filter(isUnversioned)
  const templates = [...new Set(names.map((name) => name.split('@')[0] as string))].toSorted()
  return templates.map((template_id) => ({
    template_id,
    can: {
      draft: able.has(`${template_id}@draft`),
      standard: able.has(`${template_id}@standard`),
      high: able.has(`${template_id}@high`),
    },
  }))
}

/** What a backend lacks, each once, what stops most first. */
export function lacksOf({ missing }: Backend): Lack[] {
  const stops = new Map<string, string[]>()
  for (const [ability, words] of Object.entries(missing)) {
    if (!isUnversioned(ability)) continue
    for (const add of words) stops.set(add, [...(stops.get(add) ?? []), ability])
  }
  return [...stops]
    .map(([add, abilities]) => ({ add, stops: abilities.toSorted() }))
    .toSorted((one, other) => other.stops.length - one.stops.length)
}

/** `animate/move@draft`, not `animate/move@1.0.0@draft`. */
function isUnversioned(ability: string): boolean {
  return ability.split('@').length === 2
}
