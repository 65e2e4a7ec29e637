import { useState } from 'react'

import { Button } from '../../components/Button.tsx'
import { cx } from '../../lib/cx.ts'
import { afterCut, beforeCut, seconds, type Bounds, type Part } from '../../lib/trim.ts'

type CutsProps = {
  /** In seconds of the clip, where the scene changes. */
  cuts: number[]
  part: Part
  bounds: Bounds
  onStart: (part: Part) => void
  onEnd: (part: Part) => void
}

/** The cuts of a clip by name, and the two ways to have only one side of the one that is chosen. */
export function Cuts({ cuts, part, bounds, onStart, onEnd }: CutsProps) {
  const [chosen, setChosen] = useState(0)
  const cut = cuts[chosen]
  if (cut === undefined) return null
  return (
    <section className="rounded-chip border border-line p-3" data-testid="cuts">
      <p>
        {cuts.length === 1 ? 'Cut at ' : 'Cuts at '}
        {cuts.map(seconds).join(', ')}. One shot works best.
      </p>
      {cuts.length > 1 && (
        <fieldset className="mt-2 flex flex-wrap gap-1" aria-label="Choose a cut">
          {cuts.map((at, index) => (
            <button
              key={at}
              type="button"
              aria-pressed={index === chosen}
              className={cx(
                'min-h-9 rounded-lg border px-2 tabular-nums pointer-coarse:min-h-11',
                index === chosen ? 'border-accent' : 'border-line text-muted hover:text-ink',
              )}
              onClick={() => setChosen(index)}
            >
              {seconds(at)}
            </button>
          ))}
        </fieldset>
      )}
      <div className="mt-2 flex flex-wrap gap-2">
        <Button onClick={() => onStart(afterCut(part, cut, bounds))}>Start after the cut</Button>
        <Button onClick={() => onEnd(beforeCut(part, cut, bounds))}>End before the cut</Button>
      </div>
    </section>
  )
}
