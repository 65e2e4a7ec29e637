import { NoteLine } from '../../components/NoteLine.tsx'
import { clockWords, momentWords } from '../../lib/time.ts'
import type { Later } from './useLater.ts'

/**
 * from: when more may be made, where that is too far away to wait for on this page.
 * waiting: a video is sent once the network is back.
 */
type SendNotesProps = { later: Later | null; from?: number | null; waiting: boolean }

/** What becomes of a video that can't be sent just now. */
export default function SendNotes({ later, from, waiting }: SendNotesProps) {
  return (
    <div aria-live="polite" data-testid="send-notes">
      {waiting && <NoteLine tone="wait">You are offline. We send it when you are back.</NoteLine>}
      {from && <NoteLine tone="wait">You can make more from {momentWords(from)}.</NoteLine>}
      {later && (
        <NoteLine
          tone="wait"
          action={
            later.saved > 0 && (
              <button
                type="button"
                data-testid="cancel-later"
                className="min-h-6 font-medium text-ink underline underline-offset-3 hover:text-accent"
                onClick={later.cancel}
              >
                Cancel
              </button>
            )
          }
        >
          {laterWords(later)}
        </NoteLine>
      )}
    </div>
  )
}

function laterWords({ at, saved }: Later): string {
  const clock = clockWords(at)
  if (saved === 0) return `Save it for later. We send it at ${clock}.`
  const what = saved === 1 ? 'Saved. We send it' : `${saved} videos saved. We send them`
  return `${what} at ${clock}, while this page is open.`
}
