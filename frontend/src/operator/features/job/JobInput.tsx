import { FileQuestionMark } from 'lucide-react'

import { Parts } from '../../../components/Parts.tsx'
import { usePinned } from '../../../lib/usePinned.ts'
import type { Admin } from '../../api.ts'
import { Badge, Copy } from '../../lib/ui/index.ts'
import { durationWords, plainWords, sizeWords } from '../../lib/words.ts'

/** A file the job was made of: what it is to the job, and what it is. */
export function JobInput({ input }: { input: Admin<'JobInput'> }) {
  const { asset_id, uses, original_filename, sha256, purged } = input
  const thumbnail = usePinned(input.thumbnail_url)
  const url = usePinned(input.url)
  const name = original_filename ?? asset_id
  return (
    <li className="flex gap-3 rounded-chip border border-line bg-surface p-2">
      {thumbnail ? (
        <img src={thumbnail} alt="" className="size-12 shrink-0 rounded-lg bg-stage object-cover" />
      ) : (
        <span className="grid size-12 shrink-0 place-items-center rounded-lg bg-stage text-muted">
          <FileQuestionMark size={18} aria-hidden />
        </span>
      )}
      <div className="min-w-0 flex-1 text-[13px]">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium">{uses.map(plainWords).join(', ')}</span>
          {url ? (
            <a
              href={url}
              target="_blank"
              rel="noreferrer"
              className="min-w-0 break-all underline decoration-line underline-offset-2 hover:text-accent"
            >
              {name}
            </a>
          ) : (
            <span className="min-w-0 break-all">{name}</span>
          )}
          {purged && <Badge tone="warn">not kept any more</Badge>}
        </p>
        <p className="text-xs text-muted">
          <Parts parts={partsOf(input)} />
          {sha256 && (
            <>
              {' '}
              <code title={sha256} className="font-mono">
                sha256 {sha256.slice(0, 12)}…
              </code>
              <Copy text={sha256} of={`sha256 of ${name}`} />
            </>
          )}
        </p>
      </div>
    </li>
  )
}

function partsOf({ facts, size_bytes }: Admin<'JobInput'>): string[] {
  return [
    facts?.codec,
    facts?.width && facts.height && `${facts.width} × ${facts.height}`,
    facts?.fps && `${facts.fps} fps`,
    facts?.duration_s && durationWords(facts.duration_s),
    size_bytes !== null && sizeWords(size_bytes),
  ].filter((part) => typeof part === 'string')
}
