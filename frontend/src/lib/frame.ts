import type { CSSProperties } from 'react'

export type Shape = '9:16' | '16:9' | '1:1'

/** In pixels, of a picture that stands upright. */
export type Size = { width: number; height: number }

/** In fractions of a picture's width and height. */
export type Crop = { x: number; y: number; width: number; height: number }
export type Face = Crop

/**
 * How a picture is framed, whatever the shape: the centre of what is kept, 0 to 1 of the picture,
 * and the zoom from 1, the largest part of the shape that fits.
 */
export type Frame = { x: number; y: number; zoom: number }

export const MIDDLE: Frame = { x: 0.5, y: 0.5, zoom: 1 }
export const MAX_ZOOM = 4

/** Where a portrait has them, from its upper edge. */
export const EYE_LINE = 1 / 3
export const HEAD_LINE = 1 / 8

/** Where the eyes are in a face as it is found, which begins at the brows. */
const EYES = 0.3
/** Shares of the height that a face takes: as small as it may be, and as large as a portrait has it. */
const SMALLEST_FACE = 0.12
const LARGEST_FACE = 0.3

/** Width by height. */
export const RATIOS: Record<Shape, number> = { '9:16': 9 / 16, '16:9': 16 / 9, '1:1': 1 }

/** The part to keep, exactly of the shape; null for no frame: the server then keeps the middle. */
export function cropOf(frame: Frame | null, size: Size, shape: Shape): Crop | null {
  return frame && keptPart(frame, size, shape)
}

/** What is kept, inside the picture. */
export function keptPart(frame: Frame, size: Size, shape: Shape): Crop {
  const largest = largestPart(size, shape)
  const zoom = clamp(frame.zoom, 1, MAX_ZOOM)
  const width = largest.width / zoom
  const height = largest.height / zoom
  return {
    x: clamp(frame.x - width / 2, 0, 1 - width),
    y: clamp(frame.y - height / 2, 0, 1 - height),
    width,
    height,
  }
}

/** The same part of the picture, with its centre where that part's is: edges stop a frame. */
export function settled(frame: Frame, size: Size, shape: Shape): Frame {
  const { x, y, width, height } = keptPart(frame, size, shape)
  return { x: x + width / 2, y: y + height / 2, zoom: clamp(frame.zoom, 1, MAX_ZOOM) }
}

/**
 * A face in the middle with its eyes on the eye line, in the largest part that has them there, but
 * no closer than a portrait.
 */
export function frameOnFace(face: Face, size: Size, shape: Shape): Frame {
  const largest = largestPart(size, shape)
  const x = face.x + face.width / 2
  const eyes = face.y + face.height * EYES
  const zoomForWidth = largest.width / (2 * Math.min(x, 1 - x))
  const zoomForEyes = largest.height / Math.min(eyes / EYE_LINE, (1 - eyes) / (1 - EYE_LINE))
  const share = face.height / largest.height
  const wanted = Math.min(Math.max(zoomForWidth, zoomForEyes), LARGEST_FACE / share)
  const zoom = clamp(Math.max(wanted, SMALLEST_FACE / share), 1, MAX_ZOOM)
  const y = eyes + (0.5 - EYE_LINE) * (largest.height / zoom)
  return settled({ x, y, zoom }, size, shape)
}

/** Null where there is none. */
export function largestFace(faces: Face[]): Face | null {
  const [largest] = faces.toSorted((a, b) => b.width * b.height - a.width * a.height)
  return largest ?? null
}

/** What shows a crop of a picture as the content of a box of the shape that clips and is positioned. */
export function cropStyle({ x, y, width, height }: Crop): CSSProperties {
  return {
    position: 'absolute',
    left: percent(-x / width),
    top: percent(-y / height),
    width: percent(1 / width),
    height: percent(1 / height),
    maxWidth: 'none',
    objectFit: 'fill',
  }
}

function largestPart(size: Size, shape: Shape): Size {
  const wider = size.width / size.height / RATIOS[shape]
  return { width: Math.min(1, 1 / wider), height: Math.min(1, wider) }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}

function percent(share: number): string {
  return `${share * 100}%`
}
