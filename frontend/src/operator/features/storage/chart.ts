import type { Day } from './sums.ts'

export const WIDTH = 600
export const HEIGHT = 120

export type Chart = { line: string; area: string; points: { x: number; y: number; day: Day }[] }

/** The growth as paths of a WIDTH by HEIGHT picture: time to the right, bytes upwards from zero. */
export function chartOf(days: readonly Day[]): Chart {
  const times = days.map(({ at }) => Date.parse(at))
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const most = Math.max(...days.map(({ size_bytes }) => size_bytes), 1)
  const points = days.map((day) => ({
    day,
    x: first === last ? WIDTH / 2 : ((Date.parse(day.at) - first) / (last - first)) * WIDTH,
    y: HEIGHT - (day.size_bytes / most) * HEIGHT,
  }))
  const line = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
  const [start, end] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 0]
  return { line, area: `${start},${HEIGHT} ${line} ${end},${HEIGHT}`, points }
}
