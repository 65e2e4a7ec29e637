import { problemWords } from '../../api/problem.ts'
import { Button } from '../../components/Button.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'

type RestProps = {
  /** Of the list: what failed, and whether it is not there yet. */
  error: Error | null
  loading: boolean
  onRetry: () => void
}

/** What stands in the place of a list that is not there. */
export function Rest({ error, loading, onRetry }: RestProps) {
  if (error) {
    return (
      <div role="alert">
        <NoteLine tone="bad" action={<Button onClick={onRetry}>Try again</Button>}>
          {problemWords(error).lines[0]}
        </NoteLine>
      </div>
    )
  }
  return loading ? <p className="text-muted">Loading</p> : null
}

/** What went wrong with something that was just asked for. */
export function Fault({ error }: { error: Error | null }) {
  return (
    <output className="block empty:hidden">
      {error && <NoteLine tone="bad">{problemWords(error).lines.join(' ')}</NoteLine>}
    </output>
  )
}
