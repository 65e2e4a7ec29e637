import { useEffect, useRef } from 'react'

import type { Asset } from '../../api/types.ts'
import { useWaveform, type Levels } from './useWaveform.ts'

const BAR_PX = 2
const GAP_PX = 1

/** The sound of a file over its whole length, or a word in its place. */
export function Waveform({ asset, duration }: { asset: Asset; duration: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { data: levels, isError } = useWaveform(asset)

  useEffect(() => {
    const place = canvas.current
    if (place === null || levels === undefined) return
    const watch = new ResizeObserver(() => draw(place, levels, duration))
    watch.observe(place)
    return () => watch.disconnect()
  }, [levels, duration])

  if (asset.waveform_url === null && asset.checked && !asset.has_audio) return null
  return (
    <div className="relative grid h-16 place-items-center text-xs text-muted">
      <canvas ref={canvas} aria-hidden className="absolute inset-0 size-full" />
      {isError && 'We can’t draw the sound now.'}
      {asset.waveform_url === null && !asset.checked && 'Listening to your file'}
    </div>
  )
}

function draw(canvas: HTMLCanvasElement, levels: Levels, duration: number) {
  const context = canvas.getContext('2d')
  const { clientWidth: width, clientHeight: height } = canvas
  if (context === null || width === 0) return
  canvas.width = width * devicePixelRatio
  canvas.height = height * devicePixelRatio
  context.scale(devicePixelRatio, devicePixelRatio)
  context.fillStyle = getComputedStyle(canvas).getPropertyValue('--color-muted')
  for (let x = 0; x < width; x += BAR_PX + GAP_PX) {
    const from = (x / width) * duration
    const until = ((x + BAR_PX + GAP_PX) / width) * duration
    const bar = Math.max(1, loudest(levels, from, until) * (height - 8))
    context.fillRect(x, (height - bar) / 2, BAR_PX, bar)
  }
}

/** Between two times, in seconds; nothing after the end of the sound. */
function loudest({ duration_seconds, peaks }: Levels, from: number, until: number): number {
  const each = peaks.length / duration_seconds
  const first = Math.floor(from * each)
  return Math.max(0, ...peaks.slice(first, Math.max(first + 1, Math.ceil(until * each))))
}
