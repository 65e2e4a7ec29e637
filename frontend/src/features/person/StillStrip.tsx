import type { Asset } from '../../api/types.ts'

/** Three moments of a clip, to see that it is the right person in all of them. */
export function StillStrip({ asset: { still_urls, still_times } }: { asset: Asset }) {
  if (still_urls.length === 0) return null
  return (
    <section aria-labelledby="person-strip">
      <h3 id="person-strip" className="mb-2 text-[13px] text-muted">
        The whole clip follows the person of the first moment.
      </h3>
      <ul className="grid grid-cols-3 gap-2">
        {still_urls.map((url, index) => (
          <li key={url} className="min-w-0">
            <img src={url} alt="" className="h-24 w-full rounded-lg bg-stage object-contain" />
            <span className="block text-center text-xs text-muted tabular-nums">
              {still_times[index]?.toFixed(1)} s
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
