import { MAX_ZOOM, MIDDLE, type Frame } from '../../lib/frame.ts'

const MOVE = 0.01
const FAR = 5
const ZOOM = 1.1

/** Where the picture goes, in parts of its width and height; as with a finger on it. */
export type Direction = { x: number; y: number; name: string }

export const DIRECTIONS: Record<string, Direction> = {
  ArrowLeft: { x: -1, y: 0, name: 'left' },
  ArrowRight: { x: 1, y: 0, name: 'right' },
  ArrowUp: { x: 0, y: -1, name: 'up' },
  ArrowDown: { x: 0, y: 1, name: 'down' },
}

type Step = (from: Frame) => Frame

export function moveBy({ x, y }: Direction, { far }: { far: boolean }): Step {
  const by = MOVE * (far ? FAR : 1)
  return (from) => ({ ...from, x: from.x - x * by, y: from.y - y * by })
}

export function zoomTo(zoom: number): Step {
  return (from) => ({ ...from, zoom: Math.min(Math.max(zoom, MIDDLE.zoom), MAX_ZOOM) })
}

export function zoomBy(factor: number): Step {
  return (from) => zoomTo(from.zoom * factor)(from)
}

/** What a key asks for; null for keys that mean nothing here. */
export function stepOfKey(event: {
  key: string
  shiftKey: boolean
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
}): Step | null {
  // With them the keys are the browser's own.
  if (event.ctrlKey || event.metaKey || event.altKey) return null
  const direction = DIRECTIONS[event.key]
  if (direction) return moveBy(direction, { far: event.shiftKey })
  // Without Shift, the key of the plus sign is the equals sign on many keyboards.
  if (event.key === '+' || event.key === '=') return zoomBy(ZOOM)
  if (event.key === '-') return zoomBy(1 / ZOOM)
  return null
}
