import type { Admin } from '../api.ts'

/** animate/move@1.0.0 in its parts. */
export function splitTemplate(template: string): { template_id: string; version: string } {
  const [template_id = '', version = ''] = template.split('@')
  return { template_id, version }
}

/** The other versions of a job's template, to choose from. */
export function otherVersions(
  templates: readonly Admin<'AdminTemplate'>[],
  template: string,
): { value: string; label: string }[] {
  const own = splitTemplate(template)
  const found = templates.find(({ template_id }) => template_id === own.template_id)
  return (found?.versions ?? [])
    .filter(({ version }) => version !== own.version)
    .map(({ version }) => ({
      value: version,
      label: version === found?.active_version ? `${version}, active` : version,
    }))
}
