import { agoWords, momentWords } from '../words.ts'
import { useNow } from '../useNow.ts'

/** How long ago something was; by pointing at it, when. */
export function Time({ at }: { at: string | null }) {
  const now = useNow()
  if (at === null) return <span className="text-muted">–</span>
  return (
    <time dateTime={at} title={momentWords(at)} className="whitespace-nowrap tabular-nums">
      {agoWords(at, now)}
    </time>
  )
}

/** When something was, to the second; by pointing at it, how long ago. */
export function Moment({ at }: { at: string | null }) {
  const now = useNow()
  if (at === null) return <span className="text-muted">–</span>
  return (
    <time dateTime={at} title={agoWords(at, now)} className="whitespace-nowrap tabular-nums">
      {momentWords(at)}
    </time>
  )
}
