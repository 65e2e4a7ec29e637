import { describe, expect, test } from 'vitest'

import {
  chestOf,
  facesAt,
  moved,
  nearestStill,
  placeIn,
  tappedFace,
  withoutPoint,
  withPoint,
  type SubjectPoint,
} from './points.ts'

const ON = { x: 0.5, y: 0.4, label: 1 }
const BESIDE = { x: 0.1, y: 0.2, label: 0 }
const LEFT = { x: 0.2, y: 0.1, width: 0.1, height: 0.1 }
const RIGHT = { x: 0.7, y: 0.1, width: 0.1, height: 0.1 }

describe('a tap on a frame with bars beside it', () => {
  test.each([
    ['a phone', { left: 93.5, top: 0, width: 175, height: 311 }],
    ['a tablet', { left: 240, top: 12, width: 252, height: 448 }],
    ['a desktop', { left: 511.25, top: 40, width: 421.2, height: 748.8 }],
  ])('means the same place on %s, and nothing on the bars', (_, { left, top, width, height }) => {
    const frame = new DOMRect(left, top, width, height)
    const at = (x: number, y: number) =>
      placeIn(frame, { clientX: left + x * width, clientY: top + y * height })
    expect(at(0.25, 0.75)).toEqual({ x: 0.25, y: 0.75 })
    expect(at(0, 1)).toEqual({ x: 0, y: 1 })
    expect(at(-0.1, 0.5)).toBeNull()
    expect(at(1.1, 0.5)).toBeNull()
  })
})

test('the cross stays in the frame', () => {
  expect(moved({ x: 0.5, y: 0.995 }, { x: -0.05, y: 0.01 })).toEqual({ x: 0.45, y: 1 })
})

describe('a face', () => {
  test('stands for the chest under it', () => {
    const { x, y } = chestOf(LEFT)
    expect(x).toBeCloseTo(0.25)
    expect(y).toBeCloseTo(0.32)
  })

  test('close to the camera still has a point inside the frame', () => {
    expect(chestOf({ x: 0.3, y: 0.2, width: 0.4, height: 0.5 }).y).toBe(0.98)
  })

  test('chooses one person: another one takes the place, the same one is let go', () => {
    const left = tappedFace([ON, BESIDE], LEFT, 1)
    expect(left).toEqual([{ ...chestOf(LEFT), label: 1 }])
    expect(tappedFace(left, RIGHT, 1)).toEqual([{ ...chestOf(RIGHT), label: 1 }])
    expect(tappedFace(left, LEFT, 1)).toEqual([])
  })

  test('can be marked as not the person', () => {
    const chosen = tappedFace([], LEFT, 1)
    expect(tappedFace(chosen, RIGHT, 0)).toEqual([...chosen, { ...chestOf(RIGHT), label: 0 }])
  })
})

describe('points', () => {
  test('beside the person need a person', () => {
    expect(withPoint([], BESIDE, 0)).toEqual([])
    expect(withPoint([ON], BESIDE, 0)).toEqual([ON, BESIDE])
  })

  test('are no more than the server takes', () => {
    const full = Array.from({ length: 20 }, (_, index): SubjectPoint => ({ x: index / 20, y: 0 }))
    expect(withPoint(full, ON, 1)).toHaveLength(20)
  })

  test('beside the person go with the last one on the person', () => {
    expect(withoutPoint([ON, BESIDE], 1)).toEqual([ON])
    expect(withoutPoint([ON, BESIDE], 0)).toEqual([])
  })

  test('without a label are on the person', () => {
    expect(withPoint([{ x: 0.5, y: 0.5 }], BESIDE, 0)).toHaveLength(2)
  })
})

describe('the stills of a clip', () => {
  const clip = { still_times: [1, 4, 7], faces: [[RIGHT, LEFT], [], [RIGHT]] }

  test('nearest to a moment', () => {
    expect(nearestStill(clip.still_times, 4.9)).toBe(1)
    expect(nearestStill([], 4.9)).toBe(-1)
  })

  test('give the faces of a moment from left to right', () => {
    expect(facesAt(clip, 1.2)).toEqual([LEFT, RIGHT])
  })

  test('give no faces of another moment', () => {
    expect(facesAt(clip, 1.3)).toEqual([])
    expect(facesAt({ still_times: [], faces: null }, 0)).toEqual([])
    expect(facesAt({ still_times: [0], faces: null }, 0)).toEqual([])
  })
})
