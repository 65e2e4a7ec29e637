/** A template's id in the parts that the API's paths have: animate/move. */
export function pathOf(template_id: string): { family: string; variant: string } {
  const [family = '', variant = ''] = template_id.split('/')
  return { family, variant }
}
