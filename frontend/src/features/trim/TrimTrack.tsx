import './trim.css'

import type { CSSProperties, KeyboardEvent, RefObject } from 'react'

import type { Asset } from '../../api/types.ts'
import { seconds, type Bounds, type Part } from '../../lib/trim.ts'
import { Waveform } from './Waveform.tsx'

type TrimTrackProps = {
  asset: Asset
  part: Part
  bounds: Bounds
  /** Where it plays. */
  line: RefObject<HTMLDivElement | null>
  onStart: (seconds: number) => void
  onEnd: (seconds: number) => void
  onBroken: () => void
}

const NUDGE_S = 0.1
const LEAP_S = 1

/** The file as a strip, with a handle at each edge of the part. */
export function TrimTrack(props: TrimTrackProps) {
  const { asset, part, bounds, line, onStart, onEnd, onBroken } = props
  const { duration } = bounds
  const share = (at: number) => `${(at / duration) * 100}%`
  return (
    <div className="-mx-4 px-11 sm:-mx-5">
      <div
        data-testid="trim-track"
        className="relative rounded-lg bg-stage select-none"
        style={{ '--start': share(part.start), '--end': share(part.end) } as CSSProperties}
      >
        {asset.asset_type === 'video' && <Stills urls={asset.still_urls} onBroken={onBroken} />}
        <Waveform asset={asset} duration={duration} />
        {(asset.cuts ?? []).map((cut) => (
          <span
            key={cut}
            title={`Cut at ${seconds(cut)}`}
            className="absolute inset-y-0 -ml-1 w-2 border-l border-warn"
            style={{ left: share(cut) }}
          />
        ))}
        <div className="trim-off left-0 w-(--start)" />
        <div className="trim-off right-0 left-(--end)" />
        <div className="pointer-events-none absolute inset-y-0 right-[calc(100%-var(--end))] left-(--start) border-y-2 border-accent" />
        <div
          ref={line}
          className="pointer-events-none absolute inset-y-0 left-(--start) -ml-px w-0.5 bg-ink"
        />
        <Handle edge="Start" at={part.start} bounds={bounds} onMove={onStart} />
        <Handle edge="End" at={part.end} bounds={bounds} onMove={onEnd} />
      </div>
    </div>
  )
}

function Stills({ urls, onBroken }: { urls: string[]; onBroken: () => void }) {
  return (
    <div className="flex h-16 overflow-hidden rounded-t-lg">
      {urls.map((url) => (
        <img
          key={url}
          src={url}
          alt=""
          className="h-full w-0 flex-1 object-cover"
          onError={onBroken}
        />
      ))}
    </div>
  )
}

type HandleProps = {
  edge: 'Start' | 'End'
  at: number
  bounds: Bounds
  onMove: (seconds: number) => void
}

function Handle({ edge, at, bounds: { duration }, onMove }: HandleProps) {
  const most = Math.ceil(duration * 10) / 10
  const value = at === duration ? most : at

  function key(event: KeyboardEvent) {
    const by = leapOfKey(event)
    if (by === 0) return
    event.preventDefault()
    onMove(at + by)
  }

  return (
    <input
      type="range"
      aria-label={edge}
      aria-valuetext={seconds(at)}
      className={`trim-handle trim-${edge.toLowerCase()}`}
      min={0}
      max={most}
      step={NUDGE_S}
      value={value}
      onChange={(event) => onMove(Number(event.target.value))}
      onKeyDown={key}
    />
  )
}

/** Single arrows are the browser's own. */
function leapOfKey({ key, shiftKey }: KeyboardEvent): number {
  const forth = key === 'PageUp' || (shiftKey && (key === 'ArrowRight' || key === 'ArrowUp'))
  const back = key === 'PageDown' || (shiftKey && (key === 'ArrowLeft' || key === 'ArrowDown'))
  return forth ? LEAP_S : back ? -LEAP_S : 0
}
