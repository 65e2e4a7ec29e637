import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { FakeVideo } from '../test/fakeVideo.ts'
import { handOver } from './handOver.ts'

let now: FakeVideo
let next: FakeVideo
let done = 0

beforeEach(() => {
  vi.useFakeTimers()
  now = new FakeVideo()
  next = new FakeVideo()
  done = 0
  now.loaded(4.8)
})

afterEach(() => {
  vi.useRealTimers()
})

function begin(plays = true): () => void {
  return handOver({
    now: now.element,
    next: next.element,
    plays: () => plays,
    onDone: () => {
      done += 1
    },
  })
}

test('a paused video is followed by the same picture, paused', async () => {
  now.pausedAt(2.5)
  begin(false)
  next.loaded(9.6)
  next.arrived()
  await vi.runAllTimersAsync()
  expect(done).toBe(1)
  expect([next.time, next.element.paused]).toEqual([2.5, true])
})

test('nothing is handed over before the picture is there', async () => {
  now.pausedAt(2.5)
  begin(false)
  next.loaded(9.6)
  await vi.runAllTimersAsync()
  expect(done).toBe(0)
})

test('a playing video is met where it will be, and not before it is there', async () => {
  now.playing(2)
  begin()
  next.loaded(9.6)
  next.arrived()
  const ahead = next.time
  expect(ahead).toBeGreaterThan(2)
  expect(next.element.paused).toBe(true)
  now.reached(ahead)
  await vi.runAllTimersAsync()
  expect(done).toBe(1)
  expect(next.element.paused).toBe(false)
  expect(now.element.paused).toBe(true)
})

test('a file that took too long to get ready is sent further ahead', () => {
  now.playing(2)
  begin()
  next.loaded(9.6)
  const [first = 0] = next.seeks
  now.reached(3.5)
  next.arrived()
  expect(done).toBe(0)
  expect(next.time - 3.5).toBeGreaterThan(first - 2)
})

test('a video at its end goes on by itself', async () => {
  now.atEnd()
  begin()
  next.loaded(9.6)
  next.arrived()
  await vi.runAllTimersAsync()
  expect(done).toBe(1)
  expect([next.time, next.element.paused]).toEqual([4.8, false])
})

test('a place chosen meanwhile is followed', async () => {
  now.pausedAt(1)
  begin(false)
  next.loaded(9.6)
  now.element.currentTime = 4
  now.arrived()
  next.arrived()
  await vi.runAllTimersAsync()
  expect([done, next.time]).toEqual([1, 4])
})

test('loudness and speed are kept', async () => {
  Object.assign(now.element, { volume: 0.3, muted: true, playbackRate: 0.5 })
  now.pausedAt(1)
  begin(false)
  next.loaded(9.6)
  next.arrived()
  await vi.runAllTimersAsync()
  expect(next.element).toMatchObject({ volume: 0.3, muted: true, playbackRate: 0.5 })
})

test('where sound may not start by itself, it goes on without', async () => {
  next.sounds = false
  now.atEnd()
  begin()
  next.loaded(9.6)
  next.arrived()
  await vi.runAllTimersAsync()
  expect(done).toBe(1)
  expect([next.element.paused, next.element.muted]).toEqual([false, true])
})

test('a shorter file goes on at its own end', async () => {
  now.pausedAt(4.8)
  begin(false)
  next.loaded(4.7)
  next.arrived()
  await vi.runAllTimersAsync()
  expect([done, next.time]).toEqual([1, 4.7])
})

test('a file that does not arrive is asked for again', async () => {
  now.pausedAt(1)
  begin(false)
  next.say('error')
  await vi.runAllTimersAsync()
  expect(next.loads).toBe(1)
  next.loaded(9.6)
  next.arrived()
  await vi.runAllTimersAsync()
  expect(done).toBe(1)
})

test('what is watched on the full screen is left alone until it is over', async () => {
  const full = { configurable: true, value: now.element as Element | null }
  Object.defineProperty(document, 'fullscreenElement', full)
  now.pausedAt(1)
  begin(false)
  next.loaded(9.6)
  next.arrived()
  await vi.runAllTimersAsync()
  expect(done).toBe(0)
  Object.defineProperty(document, 'fullscreenElement', { ...full, value: null })
  document.dispatchEvent(new Event('fullscreenchange'))
  await vi.runAllTimersAsync()
  expect(done).toBe(1)
})

test('once it is called off, nothing is handed over', async () => {
  now.pausedAt(1)
  const stop = begin(false)
  next.loaded(9.6)
  stop()
  next.arrived()
  await vi.runAllTimersAsync()
  expect(done).toBe(0)
})
