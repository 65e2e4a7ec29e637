import { fireEvent, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'

import type { Asset } from '../../api/types.ts'
import { chestOf, type SubjectPoint } from '../../lib/points.ts'
import { asset } from '../../test/factory.ts'
import { FakeVideo } from '../../test/fakeVideo.ts'
import { render } from '../../test/render.tsx'
import PersonDialog from './PersonDialog.tsx'

// jsdom has no modal dialogs.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true
}
HTMLDialogElement.prototype.close = function () {
  this.open = false
}

const LEFT = { x: 0.2, y: 0.1, width: 0.1, height: 0.1 }
const RIGHT = { x: 0.7, y: 0.1, width: 0.1, height: 0.1 }

const CLIP = asset({
  asset_type: 'video',
  width: 1080,
  height: 960,
  fps: 30,
  duration_seconds: 9,
  still_urls: ['/media/0.jpg', '/media/1.jpg', '/media/2.jpg'],
  still_times: [1.5, 4.5, 7.5],
  faces: [[RIGHT, LEFT], [], []],
})

function open({ start = 1.5, points = [] as SubjectPoint[], part = {} as Partial<Asset> } = {}) {
  const onPoints = vi.fn<(points: SubjectPoint[]) => void>()
  const onClose = vi.fn<() => void>()
  const clip = { ...CLIP, ...part }
  render(
    <PersonDialog
      asset={clip}
      start={start}
      points={points}
      onPoints={onPoints}
      onClose={onClose}
    />,
  )
  const done = async () => {
    await press('Done')
    return onPoints.mock.lastCall?.[0]
  }
  return { done, onPoints, onClose }
}

const press = (name: string | RegExp) => userEvent.click(screen.getByRole('button', { name }))
const surface = () => screen.getByTestId('tap-surface')

/** A tap at fractions of the frame, which is drawn at `box`. */
function tap(x: number, y: number, box = new DOMRect(90, 10, 180, 160)) {
  const place = surface()
  place.getBoundingClientRect = () => box
  fireEvent.click(place, { clientX: box.left + x * box.width, clientY: box.top + y * box.height })
}

describe('a person', () => {
  test('is the one in the middle until one is chosen', async () => {
    const { done } = open()
    expect(screen.getByText('We follow the person in the middle.')).toBeVisible()
    expect(await done()).toEqual([])
  })

  test('is chosen by a face, from left to right', async () => {
    const { done } = open()
    await press('Person 2')
    expect(screen.getByRole('button', { name: 'Person 2' })).toHaveAttribute('aria-pressed', 'true')
    expect(screen.getByText('We follow the person you marked.')).toBeVisible()
    expect(await done()).toEqual([{ ...chestOf(RIGHT), label: 1 }])
  })

  test('is one only', async () => {
    const { done } = open()
    await press('Person 1')
    await press('Person 2')
    expect(await done()).toEqual([{ ...chestOf(RIGHT), label: 1 }])
  })

  test('has no face where no still shows the moment', () => {
    open({ start: 0 })
    expect(screen.queryByRole('button', { name: /^Person/ })).toBeNull()
  })
})

describe('a tap on the frame', () => {
  test.each([
    ['a phone', new DOMRect(24, 100, 280, 249)],
    ['a tablet', new DOMRect(151.5, 60, 421, 374.2)],
    ['a desktop', new DOMRect(412, 80, 468, 416)],
  ])('marks the same place on %s', async (_, box) => {
    const { done } = open()
    tap(0.25, 0.75, box)
    const [point] = (await done()) ?? []
    expect(point?.x).toBeCloseTo(0.25, 3)
    expect(point?.y).toBeCloseTo(0.75, 3)
    expect(point?.label).toBe(1)
  })

  test('marks what is not the person once there is one', async () => {
    const { done } = open()
    expect(screen.getByRole('radio', { name: 'Not this' })).toBeDisabled()
    tap(0.25, 0.5)
    await userEvent.click(screen.getByRole('radio', { name: 'Not this' }))
    tap(0.75, 0.5)
    expect(await done()).toEqual([
      { x: 0.25, y: 0.5, label: 1 },
      { x: 0.75, y: 0.5, label: 0 },
    ])
  })

  test('on a point takes it away', async () => {
    const { done } = open({ points: [{ x: 0.3, y: 0.4, label: 1 }] })
    await press('Remove point 1, on the person')
    expect(await done()).toEqual([])
  })

  test('waits for the very moment', () => {
    open({ start: 3 })
    expect(screen.getByText('Finding the moment')).toBeVisible()
    expect(screen.queryByTestId('tap-surface')).toBeNull()
    const video = new FakeVideo(screen.getByLabelText('The first moment that is used'))
    video.loaded(9)
    expect(video.time).toBeCloseTo(3 + 1 / 60)
    fireEvent.seeked(video.element)
    expect(surface()).toBeVisible()
    expect(screen.queryByText('Finding the moment')).toBeNull()
  })
})

describe('from the keyboard', () => {
  test('a cross moves, places a point and takes the last one away', async () => {
    const { done } = open()
    surface().focus()
    await userEvent.keyboard('{ArrowRight}{ArrowUp}{Shift>}{ArrowRight}{/Shift}{Enter}')
    await userEvent.keyboard('{ArrowDown}{Enter}{Delete}')
    expect(await done()).toEqual([{ x: 0.56, y: 0.49, label: 1 }])
  })
})

test('Clear goes back to the middle', async () => {
  const { done } = open({ points: [{ x: 0.3, y: 0.4, label: 1 }] })
  await press('Clear')
  expect(await done()).toEqual([])
})

test('Close keeps what there was', async () => {
  const { onPoints, onClose } = open()
  tap(0.5, 0.5)
  await press('Close')
  expect(onPoints).not.toHaveBeenCalled()
  expect(onClose).toHaveBeenCalledOnce()
})

test('three moments show whom the clip follows', () => {
  open()
  const strip = screen.getByRole('region', { name: /follows the person of the first moment/ })
  expect(
    within(strip)
      .getAllByRole('listitem')
      .map((item) => item.textContent),
  ).toEqual(['1.5 s', '4.5 s', '7.5 s'])
})

test('a clip that cannot be had is told calmly', () => {
  open()
  fireEvent.error(screen.getByLabelText('The first moment that is used'))
  expect(
    screen.getByText('We can’t show this clip now. Close this and open it again.'),
  ).toBeVisible()
})
