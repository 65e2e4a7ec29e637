import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { FakeEventSource } from '../test/FakeEventSource.ts'
import { openEventStream } from './eventStream.ts'

const heard: string[] = []
let close = () => {}

function open() {
  close = openEventStream({
    url: '/api/events',
    types: ['progress'],
    unnumbered: ['line'],
    onMessage: (type, data) => heard.push(`${type} ${data}`),
    onLive: () => heard.push('live'),
    onDown: () => heard.push('down'),
    Source: FakeEventSource as unknown as typeof EventSource,
  })
}

beforeEach(() => {
  vi.useFakeTimers()
  FakeEventSource.opened = []
  heard.length = 0
  open()
})

afterEach(() => {
  close()
  vi.useRealTimers()
})

test('a stream is live once it said hello', () => {
  expect(heard).toEqual([])
  FakeEventSource.last.say('hello', { last_id: 7 })
  FakeEventSource.last.say('progress', 'a', '8')
  expect(heard).toEqual(['live', 'progress "a"'])
})

test('a broken stream is opened again after what was heard last', () => {
  FakeEventSource.last.say('hello', { last_id: 7 }, '7')
  FakeEventSource.last.say('progress', 'a', '8')
  FakeEventSource.last.break()
  expect(FakeEventSource.last.closed).toBe(true)
  vi.advanceTimersByTime(1_000)
  expect(FakeEventSource.opened.map(({ url }) => url)).toEqual([
    '/api/events',
    '/api/events?after=8',
  ])
})

test('a stream that broke before its first event asks after the number of its hello', () => {
  FakeEventSource.last.say('hello', { last_id: 7 })
  FakeEventSource.last.break()
  vi.advanceTimersByTime(1_000)
  expect(FakeEventSource.last.url).toBe('/api/events?after=7')
})

test('a stream that breaks between hello and what was missed asks for it again', () => {
  FakeEventSource.last.say('hello', { last_id: 7 }, '7')
  FakeEventSource.last.break()
  vi.advanceTimersByTime(1_000)
  FakeEventSource.last.say('hello', { last_id: 12 }, '12')
  FakeEventSource.last.break()
  vi.advanceTimersByTime(1_000)
  expect(FakeEventSource.last.url).toBe('/api/events?after=7')
})

test('a message without a number is handed on and changes nothing in what is asked for', () => {
  FakeEventSource.last.say('hello', { last_id: 7 }, '7')
  FakeEventSource.last.break()
  vi.advanceTimersByTime(1_000)
  FakeEventSource.last.say('hello', { last_id: 12 }, '12')
  FakeEventSource.last.say('line', 'x', '12')
  expect(heard.at(-1)).toBe('line "x"')
  FakeEventSource.last.break()
  vi.advanceTimersByTime(1_000)
  expect(FakeEventSource.last.url).toBe('/api/events?after=7')
})

test.each(['line', 'ping'])('a %s breaks the silence', (type) => {
  FakeEventSource.last.say('hello', { last_id: 1 })
  vi.advanceTimersByTime(34_000)
  FakeEventSource.last.say(type, null)
  vi.advanceTimersByTime(34_000)
  expect(heard).not.toContain('down')
  vi.advanceTimersByTime(1_000)
  expect(heard).toContain('down')
})

test('refused streams are tried again, with growing waits', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const waits = [500, 1_000, 2_000, 4_000]
  for (const [index, wait] of waits.entries()) {
    FakeEventSource.last.break()
    vi.advanceTimersByTime(wait - 1)
    expect(FakeEventSource.opened).toHaveLength(index + 1)
    vi.advanceTimersByTime(1)
    expect(FakeEventSource.opened).toHaveLength(index + 2)
  }
})

test('a live stream starts over with short waits', () => {
  for (let count = 0; count < 5; count += 1) {
    FakeEventSource.last.break()
    vi.advanceTimersByTime(15_000)
  }
  FakeEventSource.last.say('hello', { last_id: 1 })
  const before = FakeEventSource.opened.length
  FakeEventSource.last.break()
  vi.advanceTimersByTime(1_000)
  expect(FakeEventSource.opened).toHaveLength(before + 1)
})

test('a machine that comes online does not wait', () => {
  FakeEventSource.last.break()
  window.dispatchEvent(new Event('online'))
  expect(FakeEventSource.opened).toHaveLength(2)
})

test('a tab that is seen again leaves a live stream alone', () => {
  FakeEventSource.last.say('hello', { last_id: 1 })
  document.dispatchEvent(new Event('visibilitychange'))
  expect(FakeEventSource.opened).toHaveLength(1)
})

test('a closed stream stays closed', () => {
  FakeEventSource.last.break()
  close()
  window.dispatchEvent(new Event('online'))
  vi.advanceTimersByTime(60_000)
  expect(FakeEventSource.opened).toHaveLength(1)
})
