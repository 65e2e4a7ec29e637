import { Undo2, X } from 'lucide-react'
import { useEffect, useState } from 'react'

import { useRemovals, useRestoreJob } from '../../api/actions.ts'
import { problemWords } from '../../api/problem.ts'
import { Button } from '../../components/Button.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'
import { faultOf, undoable } from './undo.ts'

const SHOWN_MS = 10_000

/** What was deleted just now, to be taken back. Deletions that follow each other are one. */
export function UndoBar() {
  const { removed, restored } = useRemovals()
  const { mutate: restore } = useRestoreJob()
  const [closedAt, setClosedAt] = useState(0)
  const [held, setHeld] = useState(false)
  const open = undoable(removed, restored, closedAt)
  const fault = faultOf([...removed, ...restored], closedAt)
  const latest = Math.max(0, ...[...removed, ...restored].map(({ at }) => at))
  const shown = open.length > 0 || fault !== null

  useEffect(() => {
    if (!shown || held) return
    const timer = setTimeout(() => setClosedAt(latest), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [shown, held, latest])

  return (
    <div className="pointer-events-none fixed inset-x-0 bottom-0 z-10 flex justify-center p-4 pb-[max(1rem,env(safe-area-inset-bottom))]">
      <output className="contents">
        {shown && (
          <div
            data-testid="undo-bar"
            className="pointer-events-auto flex max-w-full flex-wrap items-center gap-x-3 rounded-card border border-line bg-raised py-1.5 pr-1.5 pl-4 shadow-2xl"
            onPointerEnter={() => setHeld(true)}
            onPointerLeave={() => setHeld(false)}
            onFocus={() => setHeld(true)}
            onBlur={() => setHeld(false)}
          >
            {fault !== null && <NoteLine tone="bad">{problemWords(fault).lines[0]}</NoteLine>}
            {open.length > 0 && (
              <>
                <span>
                  {open.length === 1 ? 'Video deleted.' : `${open.length} videos deleted.`}
                </span>
                <Button
                  look="quiet"
                  className="!text-accent"
                  data-testid="undo"
                  onClick={() => {
                    for (const { job } of open) restore(job)
                    setHeld(false)
                  }}
                >
                  <Undo2 size={16} aria-hidden /> Undo
                </Button>
              </>
            )}
            <Button
              look="quiet"
              aria-label="Close"
              className="w-11 !px-0"
              onClick={() => {
                setClosedAt(latest)
                setHeld(false)
              }}
            >
              <X size={16} aria-hidden />
            </Button>
          </div>
        )}
      </output>
    </div>
  )
}
