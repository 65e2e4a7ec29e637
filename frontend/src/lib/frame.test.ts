import { describe, expect, test } from 'vitest'

import {
  cropOf,
  cropStyle,
  EYE_LINE,
  frameOnFace,
  keptPart,
  largestFace,
  MAX_ZOOM,
  RATIOS,
  settled,
  type Face,
  type Frame,
  type Shape,
  type Size,
} from './frame.ts'

const SHAPES: Shape[] = ['9:16', '16:9', '1:1']
const SIZES: Size[] = [
  { width: 1080, height: 1920 },
  { width: 4032, height: 3024 },
  { width: 811, height: 977 },
]
const PLACES = [-0.2, 0, 0.01, 0.37, 0.5, 0.99, 1, 1.2]
const ZOOMS = [0.5, 1, 1.1, 1.77, 3, MAX_ZOOM, 2 * MAX_ZOOM]

const GROUND = SHAPES.flatMap((shape) => SIZES.map((size) => ({ shape, size })))
const FRAMES = PLACES.flatMap((x) =>
  PLACES.flatMap((y) => ZOOMS.map((zoom): Frame => ({ x, y, zoom }))),
)

describe.each(GROUND)('a frame of $shape in $size.width × $size.height', ({ shape, size }) => {
  const parts = FRAMES.map((frame) => ({ frame, crop: keptPart(frame, size, shape) }))

  test('keeps a part inside the picture', () => {
    for (const { crop } of parts) {
      expect(Math.min(crop.x, crop.y)).toBeGreaterThanOrEqual(0)
      expect(Math.max(crop.x + crop.width, crop.y + crop.height)).toBeLessThanOrEqual(1)
      expect(Math.min(crop.width, crop.height)).toBeGreaterThan(0)
    }
  })

  test('keeps exactly the shape, to a thousandth of a pixel', () => {
    for (const { crop } of parts) {
      const width = crop.width * size.width
      expect(Math.abs(width - crop.height * size.height * RATIOS[shape])).toBeLessThan(0.001)
    }
  })

  test('keeps the largest part at no zoom, and as much less as it is zoomed', () => {
    for (const { frame, crop } of parts) {
      const zoom = Math.min(Math.max(frame.zoom, 1), MAX_ZOOM)
      expect(Math.max(crop.width, crop.height) * zoom).toBeCloseTo(1, 12)
    }
  })

  test('is moved by as much as it is asked, and stops at the edges', () => {
    for (const { frame, crop } of parts) {
      const room = 1 - crop.width
      const left = frame.x - crop.width / 2
      expect(crop.x).toBeCloseTo(Math.min(Math.max(left, 0), room), 12)
      const back = settled(
        { ...frame, x: settled({ ...frame, x: 9 }, size, shape).x - 0.01 },
        size,
        shape,
      )
      expect(keptPart(back, size, shape).x).toBeCloseTo(Math.max(room - 0.01, 0), 12)
    }
  })

  test('is the same once it is settled', () => {
    for (const { frame, crop } of parts) {
      const again = cropOf(settled(frame, size, shape), size, shape)
      expect(again?.x).toBeCloseTo(crop.x, 12)
      expect(again?.y).toBeCloseTo(crop.y, 12)
      expect(again?.width).toBe(crop.width)
    }
  })
})

test('no frame asks for no crop', () => {
  expect(cropOf(null, { width: 100, height: 100 }, '1:1')).toBeNull()
})

const phone = { width: 1080, height: 1920 }

function onFace(face: Face, size: Size, shape: Shape) {
  const crop = keptPart(frameOnFace(face, size, shape), size, shape)
  return {
    middle: (face.x + face.width / 2 - crop.x) / crop.width,
    eyes: (face.y + face.height * 0.3 - crop.y) / crop.height,
    share: face.height / crop.height,
  }
}

describe('a frame on a face', () => {
  test.each<[Shape, Size]>([
    ['9:16', phone],
    ['1:1', phone],
    ['16:9', { width: 4032, height: 3024 }],
  ])('has it in the middle, and its eyes at a third, in %s', (shape, size) => {
    const shown = onFace({ x: 0.32, y: 0.35, width: 0.2, height: 0.1 }, size, shape)
    expect(shown.middle).toBeCloseTo(0.5, 6)
    expect(shown.eyes).toBeCloseTo(EYE_LINE, 6)
  })

  test('comes closer to one that is far away', () => {
    const shown = onFace({ x: 0.47, y: 0.31, width: 0.06, height: 0.04 }, phone, '9:16')
    expect(shown.share).toBeCloseTo(0.12, 6)
  })

  test('stays as far as it is when the face already lies well', () => {
    const face = { x: 0.4, y: EYE_LINE - 0.06, width: 0.2, height: 0.2 }
    expect(frameOnFace(face, phone, '9:16')).toEqual({ x: 0.5, y: 0.5, zoom: 1 })
  })

  test('does not cut into a face at the edge to have it in the middle', () => {
    const shown = onFace({ x: 0.01, y: 0.01, width: 0.2, height: 0.15 }, phone, '9:16')
    expect(shown.share).toBeCloseTo(0.3, 6)
    expect(shown.middle).toBeGreaterThan(0.1)
  })

  test.each(GROUND)('holds the whole face, $shape in $size.width × $size.height', (ground) => {
    for (const x of [0, 0.2, 0.45, 0.9]) {
      for (const y of [0, 0.2, 0.45, 0.9]) {
        const face = { x, y, width: 0.1, height: (0.1 * ground.size.width) / ground.size.height }
        if (face.y + face.height > 1) continue
        const crop = keptPart(
          frameOnFace(face, ground.size, ground.shape),
          ground.size,
          ground.shape,
        )
        expect(face.x).toBeGreaterThanOrEqual(crop.x - 1e-9)
        expect(face.x + face.width).toBeLessThanOrEqual(crop.x + crop.width + 1e-9)
        expect(face.y).toBeGreaterThanOrEqual(crop.y - 1e-9)
        expect(face.y + face.height).toBeLessThanOrEqual(crop.y + crop.height + 1e-9)
      }
    }
  })
})

test('the largest of several faces leads', () => {
  const small = { x: 0.1, y: 0.1, width: 0.1, height: 0.1 }
  const large = { x: 0.6, y: 0.3, width: 0.2, height: 0.2 }
  expect(largestFace([small, large])).toEqual(large)
  expect(largestFace([])).toBeNull()
})

test('a crop fills its box and stands out by what is cut', () => {
  expect(cropStyle({ x: 0.25, y: 0.5, width: 0.5, height: 0.25 })).toMatchObject({
    left: '-50%',
    top: '-200%',
    width: '200%',
    height: '400%',
  })
})
