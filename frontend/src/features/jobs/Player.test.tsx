import { act, render, screen } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'

import { FakeVideo } from '../../test/fakeVideo.ts'
import { Player } from './Player.tsx'

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false }))
})

type Shown = { url: string; whole?: boolean; grows?: boolean }

function player({ url, whole = false, grows = true }: Shown) {
  const rest = { poster: null, label: 'A dancer', ref: null, onBroken: () => {} }
  return <Player url={url} whole={whole} grows={grows} {...rest} />
}

function fake(testId: string): FakeVideo {
  return new FakeVideo(screen.getByTestId(testId))
}

function openFirst() {
  const { rerender } = render(player({ url: '/1.mp4' }))
  const [seen, hidden] = [fake('growing-video'), fake('next-video')]
  act(() => seen.loaded(4.8))
  return { seen, hidden, show: (shown: Shown) => rerender(player(shown)) }
}

async function ready(video: FakeVideo, duration: number): Promise<void> {
  await act(async () => {
    video.loaded(duration)
    video.arrived()
  })
}

test('the first part starts by itself, without sound and with the means to get it', () => {
  const { seen } = openFirst()
  expect(seen.element).toMatchObject({ autoplay: true, muted: true, controls: true })
})

test('for a person who wants things to stand still, nothing starts by itself', () => {
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
  expect(openFirst().seen.element.autoplay).toBe(false)
})

test('a longer file takes the place of the shorter one once it is ready, and not before', async () => {
  const { seen, hidden, show } = openFirst()
  act(() => seen.pausedAt(3))
  show({ url: '/2.mp4' })
  expect(hidden.element).toHaveAttribute('src', '/2.mp4')
  expect(screen.getByTestId('growing-video')).toBe(seen.element)
  await ready(hidden, 9.6)
  expect(screen.getByTestId('growing-video')).toBe(hidden.element)
  expect(hidden.time).toBe(3)
  expect(hidden.element.paused).toBe(true)
})

test('at the end of what exists it waits, and goes on by itself', async () => {
  const { seen, hidden, show } = openFirst()
  act(() => seen.playing(4))
  expect(screen.queryByTestId('more-coming')).toBeNull()
  act(() => seen.atEnd())
  expect(screen.getByTestId('more-coming')).toHaveTextContent('More is on its way')
  show({ url: '/2.mp4' })
  await ready(hidden, 9.6)
  expect(screen.queryByTestId('more-coming')).toBeNull()
  expect([hidden.time, hidden.element.paused]).toEqual([4.8, false])
})

test('a person who paused and went to the end is not made to go on', async () => {
  const { seen, hidden, show } = openFirst()
  act(() => seen.playing(2))
  act(() => seen.pausedAt(2))
  act(() => seen.atEnd())
  expect(screen.queryByTestId('more-coming')).toBeNull()
  show({ url: '/2.mp4' })
  await ready(hidden, 9.6)
  expect(hidden.element.paused).toBe(true)
})

test('nothing more is announced when nothing more is made', () => {
  const { seen, show } = openFirst()
  show({ url: '/1.mp4', grows: false })
  act(() => seen.playing(4))
  act(() => seen.atEnd())
  expect(screen.queryByTestId('more-coming')).toBeNull()
})

test('of two longer files in a row the last one is shown', async () => {
  const { hidden, show } = openFirst()
  show({ url: '/2.mp4' })
  show({ url: '/3.mp4' })
  await ready(hidden, 14.4)
  expect(screen.getByTestId('growing-video')).toHaveAttribute('src', '/3.mp4')
})

test('the whole video takes over the same way, and is then the only one', async () => {
  const { seen, hidden, show } = openFirst()
  act(() => seen.playing(2))
  act(() => seen.pausedAt(2))
  show({ url: '/whole.mp4', whole: true, grows: false })
  expect(screen.getByTestId('growing-video')).toBe(seen.element)
  await ready(hidden, 14.4)
  expect(screen.getByTestId('result-video')).toBe(hidden.element)
  expect(hidden.element.loop).toBe(true)
  expect(screen.queryByTestId('next-video')).toBeNull()
})

test('a video that was whole from the start stands still, and alone', () => {
  const { container } = render(player({ url: '/whole.mp4', whole: true, grows: false }))
  expect(container.querySelectorAll('video')).toHaveLength(1)
  expect(screen.getByTestId('result-video')).toMatchObject({ autoplay: false, muted: false })
})
