import type { Admin } from '../../api.ts'

type Backend = Admin<'Backend'>
type Quality = Admin<'QualityProfile'>

export const QUALITIES: Quality[] = ['draft', 'standard', 'high']

/** can: at which qualities a backend renders a template. */
export type TemplateAbility = { template_id: string; can: Record<Quality, boolean> }

export type Stop = { template_id: string; qualities: Quality[] }

/** add: a file with its folder, a node or memory. stops: what can't be rendered without it. */
export type Lack = { add: string; stops: Stop[] }

/** What a backend can and can't render. Versions have their own place: the templates' page. */
export function templateAbilities({ abilities, missing }: Backend): TemplateAbility[] {
  const able = new Set(abilities ?? [])
  const names = [...able, ...Object.keys(missing)].filter(isUnversioned)
  return templatesIn(names).map((template_id) => ({
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
  const stopped = new Map<string, string[]>()
  for (const [ability, words] of Object.entries(missing)) {
    if (!isUnversioned(ability)) continue
    for (const add of words) stopped.set(add, [...(stopped.get(add) ?? []), ability])
  }
  return [...stopped]
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(([add, abilities]) => ({ add, stops: stopsOf(abilities) }))
}

function stopsOf(abilities: readonly string[]): Stop[] {
  return templatesIn(abilities).map((template_id) => ({
    template_id,
    qualities: QUALITIES.filter((quality) => abilities.includes(`${template_id}@${quality}`)),
  }))
}

function templatesIn(abilities: readonly string[]): string[] {
  return [...new Set(abilities.map((ability) => ability.split('@')[0] as string))].toSorted()
}

/** `animate/move@draft`, not `animate/move@1.0.0@draft`. */
function isUnversioned(ability: string): boolean {
  return ability.split('@').length === 2
}
