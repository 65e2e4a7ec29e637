import { useNow } from '../useNow.ts'
import { durationWords } from '../words.ts'

/** A length of time; a dash where there is none. */
export function Duration({ seconds }: { seconds: number | null }) {
  if (seconds === null) return <span className="text-muted">–</span>
  return <span className="whitespace-nowrap tabular-nums">{durationWords(seconds)}</span>
}

/** How long something goes on already, counted on every second. */
export function Since({ at }: { at: string | null }) {
  const now = useNow()
  const seconds = at === null ? null : Math.max(0, Math.floor((now - Date.parse(at)) / 1000))
  return <Duration seconds={seconds} />
}
