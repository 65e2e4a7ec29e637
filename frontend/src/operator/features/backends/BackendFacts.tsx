import type { Admin } from '../../api.ts'
import { Code, Fact, Facts, Moment, Time } from '../../lib/ui/index.ts'
import { plainWords, sizeWords } from '../../lib/words.ts'

type Backend = Admin<'Backend'>

export function BackendFacts({ backend }: { backend: Backend }) {
  const { url, source, facts, lines, running, pending, seen_at } = backend
  return (
    <Facts>
      <Fact name="State" testId="backend-reason">
        <Decision backend={backend} />
      </Fact>
      <Fact name="Queue">
        <span data-testid="backend-queue" className="tabular-nums">
          {running} running, {pending} pending
        </span>
      </Fact>
      <Fact name="Takes from">{lines.length > 0 ? lines.join(', ') : 'no line now'}</Fact>
      <Fact name="Version">{facts?.version ?? 'not asked yet'}</Fact>
      <Fact name="Video memory">{facts ? sizeWords(facts.vram_bytes) : 'not asked yet'}</Fact>
      <Fact name="Last heard">
        <Time at={seen_at} />
      </Fact>
      <Fact name="URL">
        <Code text={url} of="URL" />
      </Fact>
      <Fact name="Known from">the {source}</Fact>
    </Facts>
  )
}

/** What was decided, why and when. */
function Decision({ backend }: { backend: Backend }) {
  const { state, reason, because, state_changed_at } = backend
  return (
    <>
      {state}
      {reason && <>: {reason}</>}
      {because && <span className="text-muted"> (by its watcher: {plainWords(because)})</span>}
      <span className="block text-xs text-muted">
        since <Moment at={state_changed_at} />
      </span>
    </>
  )
}
