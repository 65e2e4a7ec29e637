/** Which part of a clip or sound is used, in seconds. length null: to the end. */
export type Trim = { start: number; length: number | null }

/** The same part by its edges, always inside the file. */
export type Part = { start: number; end: number }

/** Of a file, in seconds. longest: what a video may have of it. */
export type Bounds = { duration: number; longest: number }

const SHORTEST_S = 0.5
/** A handle stops at tenths, so an edge this near the end of the file is the end. */
const EDGE_S = 0.05

export function partOf({ start, length }: Trim, bounds: Bounds): Part {
  const end = length === null ? bounds.duration : start + length
  return withStart({ start: 0, end }, start, bounds)
}

export function trimOf({ start, end }: Part, { duration }: Bounds): Trim {
  return { start, length: end > duration - EDGE_S ? null : tidy(end - start) }
}

/** The first edge is moved; it takes the last one along where the part gets too short or too long. */
export function withStart(part: Part, to: number, bounds: Bounds): Part {
  const { duration } = bounds
  const start = tidy(within(to, 0, duration - shortest(bounds)))
  const end = within(part.end, start + shortest(bounds), start + longest(bounds))
  return { start, end: tidy(Math.min(end, duration)) }
}

/** The last edge is moved, and takes the first one along. */
export function withEnd(part: Part, to: number, bounds: Bounds): Part {
  const end = tidy(within(to, shortest(bounds), bounds.duration))
  const start = within(part.start, end - longest(bounds), end - shortest(bounds))
  return { start: tidy(Math.max(start, 0)), end }
}

/** The whole part is moved; at the end of the file it gets shorter. */
export function movedTo(part: Part, to: number, bounds: Bounds): Part {
  return withStart({ start: to, end: to + part.end - part.start }, to, bounds)
}

export function withLength({ start }: Part, length: number, bounds: Bounds): Part {
  return withStart({ start, end: start + length }, start, bounds)
}

/** The tenth of a second before a cut, and the one after it, are in one shot. */
export function afterCut(part: Part, cut: number, bounds: Bounds): Part {
  return withStart(part, Math.ceil(cut * 10) / 10, bounds)
}

export function beforeCut(part: Part, cut: number, bounds: Bounds): Part {
  return withEnd(part, Math.floor(cut * 10) / 10, bounds)
}

/** Seconds as a person types them, with a point or a comma; null where it is no such number. */
export function typedSeconds(text: string): number | null {
  const plain = text.trim().replace(',', '.')
  return /^(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : null
}

export function useWords({ start, end }: Part, { duration }: Bounds): string {
  if (start === 0 && end > duration - EDGE_S) return `Uses all ${seconds(duration)}`
  return `Uses ${seconds(end - start)} of ${seconds(duration)}, from ${seconds(start)}`
}

/** With a tenth always, so that the words keep their width while a handle moves. */
export function seconds(value: number): string {
  return `${value.toFixed(1)} s`
}

function shortest({ duration }: Bounds): number {
  return Math.min(SHORTEST_S, duration)
}

function longest(bounds: Bounds): number {
  return Math.max(bounds.longest, shortest(bounds))
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}

/** Sums of tenths have tails. */
function tidy(value: number): number {
  return Math.round(value * 1000) / 1000
}
