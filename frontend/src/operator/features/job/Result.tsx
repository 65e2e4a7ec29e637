import { Parts } from '../../../components/Parts.tsx'
import { usePinned } from '../../../lib/usePinned.ts'
import type { Admin } from '../../api.ts'
import { Badge } from '../../lib/ui/index.ts'
import { durationWords, sizeWords } from '../../lib/words.ts'

/** The finished video and the files that come with it. */
export function Result({ output }: { output: Admin<'JobOutput'> }) {
  const video = usePinned(output.video_url)
  const poster = usePinned(output.poster_url)
  const { resolution, fps, frame_count, duration_seconds, simulated, stopped_early } = output
  return (
    <div className="flex flex-wrap gap-3">
      <video
        src={video ?? undefined}
        poster={poster ?? undefined}
        controls
        muted
        playsInline
        preload="metadata"
        aria-label="The finished video"
        className="max-h-56 max-w-full rounded-lg bg-stage"
      />
      <div className="min-w-0 flex-1 basis-40 space-y-1 text-[13px]">
        <p className="text-xs text-muted">
          <Parts
            parts={[
              resolution,
              `${fps} fps`,
              `${frame_count} frames`,
              durationWords(duration_seconds),
            ]}
          />
        </p>
        <ul className="space-y-0.5">
          {Object.entries(output.files).map(([name, file]) => (
            <li key={name}>
              <a
                href={file.url}
                target="_blank"
                rel="noreferrer"
                className="underline decoration-line underline-offset-2 hover:text-accent"
              >
                {name}
              </a>{' '}
              <span className="text-xs text-muted">{sizeWords(file.size_bytes)}</span>
            </li>
          ))}
        </ul>
        <p className="flex flex-wrap gap-1 empty:hidden">
          {simulated && <Badge tone="calm">simulated</Badge>}
          {stopped_early && <Badge tone="warn">stopped early</Badge>}
        </p>
      </div>
    </div>
  )
}
