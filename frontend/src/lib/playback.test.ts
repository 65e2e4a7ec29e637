import { describe, expect, test } from 'vitest'

import { FakeVideo } from '../test/fakeVideo.ts'
import { correction, exactRate, frameAt, keepInStep, timeOf, watchFrames } from './playback.ts'

describe.each([16, 24, 25, 30, 29.97, 23.976, 59.94])('at %d pictures a second', (fps) => {
  const timing = { fps, frames: 18_000 }

  test('going picture by picture visits each one once, there and back', () => {
    let seconds = 0
    for (let frame = 1; frame < 400; frame += 1) {
      seconds = timeOf(frameAt(seconds, timing) + 1, timing)
      expect(frameAt(seconds, timing)).toBe(frame)
    }
    for (let frame = 398; frame >= 0; frame -= 1) {
      seconds = timeOf(frameAt(seconds, timing) - 1, timing)
      expect(frameAt(seconds, timing)).toBe(frame)
    }
  })

  test('it stands in the middle of a picture, ten minutes in as well', () => {
    for (const frame of [0, 1, 999, 17_999]) {
      const [from, to] = [frame / exactRate(fps), (frame + 1) / exactRate(fps)]
      expect(timeOf(frame, timing)).toBeCloseTo((from + to) / 2, 9)
    }
  })

  test('a time at the very edge belongs to the picture that begins', () => {
    for (const frame of [1, 7, 100, 17_999]) {
      expect(frameAt(frame / exactRate(fps), timing)).toBe(frame)
    }
  })
})

test.each([
  [29.97, 30_000 / 1001],
  [23.976, 24_000 / 1001],
  [59.94, 60_000 / 1001],
  [30, 30],
  [16, 16],
  [12.5, 12.5],
])('%d pictures a second are exactly %d', (fps, exact) => {
  expect(exactRate(fps)).toBe(exact)
})

test('there is nothing before the first picture and after the last one', () => {
  const timing = { fps: 16, frames: 72 }
  expect(timeOf(-1, timing)).toBe(timeOf(0, timing))
  expect(timeOf(72, timing)).toBe(timeOf(71, timing))
  expect(frameAt(4.5, timing)).toBe(71)
})

test.each([
  [0, 1],
  [0.01, 1],
  [-0.1, 1.2],
  [0.1, 0.8],
  [-0.4, 1.25],
  [0.4, 0.75],
  [0.6, 'jump'],
  [-3, 'jump'],
] as const)('a clip that is %d s ahead goes on at %s', (off, rate) => {
  const found = correction(off, 16)
  expect(found === 'jump' ? found : Number(found.toFixed(9))).toBe(rate)
})

/** A result of 4 s and its clip, which begins 2 s in. */
function pair(length = 10) {
  const [lead, clip] = [new FakeVideo(), new FakeVideo()]
  lead.loaded(4)
  const end = keepInStep({ lead: lead.element, clip: clip.element, start: 2, fps: 16 })
  clip.loaded(length)
  clip.arrived()
  return { lead, clip, end }
}

describe('a clip in step', () => {
  test('it stands where the result begins in it', () => {
    const { clip } = pair()
    expect([clip.time, clip.element.paused]).toEqual([2, true])
  })

  test('it plays and pauses with the result, and pauses at its place', () => {
    const { lead, clip } = pair()
    lead.playing(0)
    expect(clip.element.paused).toBe(false)
    clip.reached(3.1)
    lead.pausedAt(1)
    expect([clip.time, clip.element.paused]).toEqual([3, true])
  })

  test('it goes where the result is sent', () => {
    const { lead, clip } = pair()
    lead.element.currentTime = 2.53125
    expect(clip.time).toBe(4.53125)
  })

  test('it has the speed of the result', () => {
    const { lead, clip } = pair()
    lead.playing(0)
    lead.element.playbackRate = 0.5
    lead.say('ratechange')
    expect(clip.element.playbackRate).toBe(0.5)
  })

  test('it catches up by playing faster, and is then as fast as the result', () => {
    const { lead, clip } = pair()
    lead.playing(0)
    clip.reached(2.9)
    lead.reached(1)
    expect(clip.element.playbackRate).toBeCloseTo(1.2)
    clip.reached(3.1)
    lead.reached(1.1)
    expect(clip.element.playbackRate).toBe(1)
  })

  test('far behind, it jumps', () => {
    const { lead, clip } = pair()
    lead.playing(0)
    clip.reached(2)
    lead.reached(3)
    expect(clip.time).toBe(5)
  })

  test('both start over together', () => {
    const { lead, clip } = pair()
    lead.playing(3.9)
    clip.reached(5.9)
    lead.element.currentTime = 0
    expect([clip.time, clip.element.paused]).toEqual([2, false])
  })

  test('a shorter clip waits at its end, and starts over with the result', () => {
    const { lead, clip } = pair(4)
    lead.playing(1)
    clip.atEnd()
    lead.reached(3)
    expect(clip.element.paused).toBe(true)
    lead.element.currentTime = 0
    lead.arrived()
    clip.arrived()
    expect([clip.time, clip.element.paused]).toEqual([2, false])
  })

  test('it waits with a result that waits for its file', () => {
    const { lead, clip } = pair()
    lead.playing(1)
    lead.say('waiting')
    expect(clip.element.paused).toBe(true)
    lead.say('playing')
    expect(clip.element.paused).toBe(false)
  })

  test('let go, it stands still', () => {
    const { lead, clip, end } = pair()
    lead.playing(0)
    end()
    expect(clip.element.paused).toBe(true)
    lead.element.currentTime = 3
    expect(clip.time).toBe(2)
  })
})

/** A browser that tells what it draws. */
function drawing() {
  const video = new FakeVideo()
  let tellOf: VideoFrameRequestCallback | null = null
  const requestVideoFrameCallback = (tell: VideoFrameRequestCallback) => {
    tellOf = tell
    return 1
  }
  Object.assign(video.element, { requestVideoFrameCallback, cancelVideoFrameCallback: () => {} })
  const draw = (mediaTime: number) => tellOf?.(0, { mediaTime } as VideoFrameCallbackMetadata)
  return { video, draw }
}

describe('the picture that is seen', () => {
  test('it is the one that is drawn, wherever the clock is', () => {
    const { video, draw } = drawing()
    const seen: number[] = []
    watchFrames(video.element, { fps: 29.97, frames: 300 }, (frame) => seen.push(frame))
    // A file may round the start of a picture down.
    for (const mediaTime of [0, 0.033, 0.066, 3.336]) draw(mediaTime)
    expect(seen).toEqual([0, 1, 2, 100])
  })

  test('while a video is sent somewhere, what it still draws does not count', () => {
    const { video, draw } = drawing()
    const seen: number[] = []
    watchFrames(video.element, { fps: 16, frames: 72 }, (frame) => seen.push(frame))
    video.element.currentTime = 1.03125
    draw(0)
    video.arrived()
    draw(1)
    expect(seen).toEqual([16, 16])
  })

  test('a browser that does not tell is asked for the time', () => {
    const video = new FakeVideo()
    const seen: number[] = []
    watchFrames(video.element, { fps: 16, frames: 72 }, (frame) => seen.push(frame))
    video.reached(0.5)
    expect(seen).toEqual([8])
  })
})
