import { ChevronDown, Keyboard } from 'lucide-react'

const KEYS = [
  ['Space', 'Play or pause'],
  [', .', 'One frame back or on'],
  ['J L', 'One second back or on'],
  ['← →', 'Newer or older video'],
  ['F', 'Full screen'],
  ['D', 'Download'],
  ['Esc', 'Close'],
] as const

/** The keys of the viewer; folded away, and not at all where there is only a finger. */
export function KeyList() {
  return (
    <details className="group text-[13px] text-muted pointer-coarse:hidden" data-testid="key-list">
      <summary className="flex min-h-11 cursor-pointer list-none items-center gap-2 rounded-chip hover:text-ink [&::-webkit-details-marker]:hidden">
        <Keyboard size={16} aria-hidden /> Keys
        <ChevronDown
          size={16}
          className="transition-transform duration-150 group-open:rotate-180"
          aria-hidden
        />
      </summary>
      <dl className="grid grid-cols-[4rem_minmax(0,1fr)] gap-y-1.5">
        {KEYS.map(([keys, words]) => (
          <div key={keys} className="contents">
            <dt className="flex gap-1">
              {keys.split(' ').map((key) => (
                <kbd
                  key={key}
                  className="min-w-6 rounded-md border border-line bg-raised px-1.5 text-center font-sans text-xs text-ink"
                >
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
