import { MAX_ZOOM, MIDDLE } from '../../lib/frame.ts'

export function ZoomSlider({ zoom, onZoom }: { zoom: number; onZoom: (zoom: number) => void }) {
  const percent = `${Math.round(zoom * 100)} %`
  return (
    <label className="mt-3 flex min-h-11 items-center gap-3">
      <span>Zoom</span>
      <input
        type="range"
        min={MIDDLE.zoom}
        max={MAX_ZOOM}
        step={0.05}
        value={zoom}
        aria-valuetext={percent}
        className="h-11 min-w-0 flex-1 accent-accent"
        onChange={(event) => onZoom(event.target.valueAsNumber)}
      />
      <span className="w-14 text-right text-muted tabular-nums" aria-hidden>
        {percent}
      </span>
    </label>
  )
}
