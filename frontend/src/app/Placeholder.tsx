/** As high as the first card of the list, while it is not known what stands there. */
export function Placeholder() {
  return <div className="h-96 rounded-card bg-surface" aria-hidden />
}
