import type { Advice } from './preflight.ts'
import { actOf, type Tools } from './remedies.ts'

/** The one thing to do about what the server found; nothing where the page can't do it. */
export default function RemedyButton({ advice, tools }: { advice: Advice; tools: Tools }) {
  const act = actOf(advice, tools)
  return (
    act && (
      <button
        type="button"
        className="min-h-6 font-medium text-ink underline underline-offset-3 hover:text-accent"
        onClick={act.run}
      >
        {act.label}
      </button>
    )
  )
}
