import { render, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'

import type { Asset } from '../../api/types.ts'
import { frameOnFace, type Face, type Frame } from '../../lib/frame.ts'
import { asset } from '../../test/factory.ts'
import FrameDialog from './FrameDialog.tsx'

const SIZE = { width: 4000, height: 3000 }
const SMALL: Face = { x: 0.1, y: 0.2, width: 0.05, height: 0.08 }
const LARGE: Face = { x: 0.55, y: 0.3, width: 0.15, height: 0.2 }

const onFrame = vi.fn<(frame: Frame | null) => void>()
const onClose = vi.fn<() => void>()

// jsdom has dialogs, but none that is modal.
HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
  this.open = true
}
HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
  this.open = false
}

beforeEach(() => {
  onFrame.mockClear()
  onClose.mockClear()
})

function open(part: Partial<Asset> = {}, frame: Frame | null = null) {
  render(
    <FrameDialog
      asset={asset({ ...SIZE, ...part })}
      preview="blob:one"
      shape="9:16"
      frame={frame}
      onFrame={onFrame}
      onClose={onClose}
    />,
  )
  return userEvent.setup()
}

const stage = () => screen.getByTestId('frame-stage')
const press = (name: string) => screen.getByRole('button', { name })

async function done(user: ReturnType<typeof userEvent.setup>) {
  await user.click(press('Done'))
  expect(onFrame).toHaveBeenCalledOnce()
  expect(onClose).toHaveBeenCalledOnce()
  return onFrame.mock.calls[0]?.[0]
}

test('a look changes nothing', async () => {
  const user = open()
  expect(await done(user)).toBeNull()
})

test.each([
  ['{ArrowRight}', { x: 0.49, y: 0.5 }],
  ['{ArrowLeft}', { x: 0.51, y: 0.5 }],
  ['{ArrowDown}', { x: 0.5, y: 0.49 }],
  ['{ArrowUp}', { x: 0.5, y: 0.51 }],
  ['{Shift>}{ArrowLeft}{/Shift}', { x: 0.55, y: 0.5 }],
  ['{ArrowLeft}{ArrowLeft}{ArrowUp}', { x: 0.52, y: 0.51 }],
])('%s moves the picture as a finger would', async (keys, place) => {
  const user = open({}, { x: 0.5, y: 0.5, zoom: 2 })
  stage().focus()
  await user.keyboard(keys)
  const frame = await done(user)
  expect(frame?.x).toBeCloseTo(place.x, 9)
  expect(frame?.y).toBeCloseTo(place.y, 9)
  expect(frame?.zoom).toBe(2)
})

test('at an edge it stops, and comes back with the first step', async () => {
  const user = open()
  stage().focus()
  await user.keyboard('{Shift>}{ArrowLeft>20/}{/Shift}{ArrowRight}')
  const kept = (3000 * 9) / 16 / 4000
  expect((await done(user))?.x).toBeCloseTo(1 - kept / 2 - 0.01, 9)
})

test('plus and minus zoom, within bounds', async () => {
  const user = open()
  stage().focus()
  await user.keyboard('+++-')
  expect(screen.getByRole('slider', { name: 'Zoom' })).toHaveAttribute('aria-valuetext', '121 %')
  await user.keyboard('{+>30/}')
  expect((await done(user))?.zoom).toBe(4)
})

test('the buttons move it for those who cannot drag', async () => {
  const user = open({}, { x: 0.5, y: 0.5, zoom: 2 })
  await user.click(press('Move picture left'))
  await user.click(press('Move picture down'))
  const frame = await done(user)
  expect(frame?.x).toBeCloseTo(0.55, 9)
  expect(frame?.y).toBeCloseTo(0.45, 9)
})

test('Centre frames the largest face', async () => {
  const user = open({ faces: [[SMALL, LARGE]] })
  await user.click(press('Centre'))
  expect(await done(user)).toEqual(frameOnFace(LARGE, SIZE, '9:16'))
})

test.each<[string, Partial<Asset>]>([
  ['No face found. You see the middle.', { faces: [[]], checked: true }],
  ['', { faces: null, checked: true }],
  ['', { faces: null, checked: false }],
])('Centre without a face says %j', async (words, part) => {
  const user = open(part, { x: 0.2, y: 0.5, zoom: 3 })
  await user.click(press('Centre'))
  expect(screen.getByRole('status')).toHaveTextContent(words)
  expect(screen.getByRole('status').textContent).toBe(words)
  expect(await done(user)).toEqual({ x: 0.5, y: 0.5, zoom: 1 })
})

test('Reset gives the whole picture back', async () => {
  const user = open({}, { x: 0.3, y: 0.5, zoom: 2 })
  await user.click(press('Reset'))
  expect(await done(user)).toBeNull()
})

test('closing it keeps the frame as it was', async () => {
  const user = open()
  stage().focus()
  await user.keyboard('{ArrowLeft}')
  await user.click(press('Close'))
  expect(onClose).toHaveBeenCalledOnce()
  expect(onFrame).not.toHaveBeenCalled()
})

test('it tells how much is left, and when that is little', async () => {
  const user = open({ width: 1080, height: 1920 })
  expect(screen.getByText('Uses 1080 × 1920 of your picture')).toBeInTheDocument()
  expect(screen.queryByText(/may look soft/)).not.toBeInTheDocument()
  stage().focus()
  await user.keyboard('{+>12/}')
  expect(screen.getByText('Few pixels left. The video may look soft.')).toBeInTheDocument()
})

test('a small picture is not the zoom’s fault', () => {
  open({ width: 300, height: 600 })
  expect(screen.getByText('This picture is small. The video may look soft.')).toBeInTheDocument()
})

test.each([
  ['/media/proxy.jpg', '/media/proxy.jpg'],
  [null, 'blob:one'],
])('with a copy at %s it shows %s', (proxy_url, src) => {
  open({ proxy_url })
  expect(stage().querySelector('img')).toHaveAttribute('src', src)
})
