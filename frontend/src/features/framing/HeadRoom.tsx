import { cx } from '../../lib/cx.ts'
import { EYE_LINE, HEAD_LINE } from '../../lib/frame.ts'

const LINES = [
  { words: 'Top of head', at: HEAD_LINE },
  { words: 'Eyes', at: EYE_LINE },
]

/** Where a portrait has its head, as two faint lines. beside: there is room for words next to it. */
export function HeadRoom({ beside }: { beside: boolean }) {
  return (
    <div className="pointer-events-none absolute inset-0" aria-hidden>
      {LINES.map(({ words, at }) => (
        <div
          key={words}
          className="absolute inset-x-0 border-t border-dashed border-ink/45"
          style={{ top: `${at * 100}%` }}
        >
          <span
            className={cx(
              'absolute rounded-sm bg-stage/60 px-1 text-[11px] leading-4 whitespace-nowrap text-ink',
              beside ? 'left-full ml-1 -translate-y-1/2' : 'right-1 bottom-0.5',
            )}
          >
            {words}
          </span>
        </div>
      ))}
    </div>
  )
}
