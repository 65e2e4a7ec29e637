import { momentWords, sizeWords } from '../../lib/words.ts'
import { chartOf, HEIGHT, WIDTH } from './chart.ts'
import type { Day } from './sums.ts'

/** What was stored day by day. The same stands in the table under it. */
export function GrowthChart({ days }: { days: readonly Day[] }) {
  const { line, area, points } = chartOf(days)
  const [first, last] = [days[0], days.at(-1)]
  if (!first || !last) return null
  const most = Math.max(...days.map(({ size_bytes }) => size_bytes))
  const told = `From ${sizeWords(first.size_bytes)} to ${sizeWords(last.size_bytes)}`
  return (
    <figure className="rounded-chip border border-line bg-surface p-3" data-testid="growth">
      <p className="sr-only">{`${told} in ${days.length} measurements.`}</p>
      <p className="mb-1 text-xs text-muted tabular-nums">{sizeWords(most)}</p>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden
        className="h-30 w-full overflow-visible border-b border-line"
      >
        <polygon points={area} className="fill-accent/15" />
        <polyline
          points={line}
          vectorEffect="non-scaling-stroke"
          className="fill-none stroke-accent stroke-2"
        />
        {points.map(({ x, y, day }) => (
          // A line without length has a round end, however the picture is stretched.
          <line
            key={day.at}
            x1={x}
            x2={x}
            y1={y}
            y2={y}
            vectorEffect="non-scaling-stroke"
            strokeLinecap="round"
            className="stroke-accent stroke-6"
          >
            <title>{`${momentWords(day.at)}: ${sizeWords(day.size_bytes)}`}</title>
          </line>
        ))}
      </svg>
      <figcaption className="mt-1 flex justify-between gap-3 text-xs text-muted tabular-nums">
        <span>{momentWords(first.at).slice(0, 10)}</span>
        <span>{momentWords(last.at).slice(0, 10)}</span>
      </figcaption>
    </figure>
  )
}
