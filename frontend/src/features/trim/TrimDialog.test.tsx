import { fireEvent, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'

import type { Asset } from '../../api/types.ts'
import type { Trim } from '../../lib/trim.ts'
import { asset } from '../../test/factory.ts'
import { FakeVideo } from '../../test/fakeVideo.ts'
import { render } from '../../test/render.tsx'
import TrimDialog from './TrimDialog.tsx'

// jsdom has no modal dialogs.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true
}
HTMLDialogElement.prototype.close = function () {
  this.open = false
}
HTMLMediaElement.prototype.pause = () => {}

const CLIP = asset({
  asset_type: 'video',
  storage_url: '/media/clip.mov',
  proxy_url: '/media/clip.mp4',
  duration_seconds: 14.2,
  still_urls: ['/media/0.jpg', '/media/1.jpg', '/media/2.jpg'],
  still_times: [2.4, 7.1, 11.8],
})

function open(part: Partial<Asset> = {}, trim: Trim = { start: 3.2, length: 6 }, longest = 30) {
  const onTrim = vi.fn<(trim: Trim) => void>()
  const onClose = vi.fn<() => void>()
  render(
    <TrimDialog
      asset={{ ...CLIP, ...part }}
      trim={trim}
      longest={longest}
      onTrim={onTrim}
      onClose={onClose}
    />,
  )
  return { onTrim, onClose, user: userEvent.setup() }
}

const handle = (name: string) => screen.getByRole('slider', { name })
const field = (name: string) => screen.getByRole('textbox', { name })
const player = () => new FakeVideo(screen.getByLabelText<HTMLVideoElement>('Your clip'))
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }))

describe('the part', () => {
  test('is told in words, and kept on Done', async () => {
    const { onTrim, onClose } = open()
    expect(screen.getByText('Uses 6.0 s of 14.2 s, from 3.2 s')).toBeVisible()
    await press('Done')
    expect(onTrim).toHaveBeenCalledExactlyOnceWith({ start: 3.2, length: 6 })
    expect(onClose).toHaveBeenCalledOnce()
  })

  test('is not kept on Close', async () => {
    const { onTrim, onClose } = open()
    await press('Use all')
    await press('Close')
    expect(onTrim).not.toHaveBeenCalled()
    expect(onClose).toHaveBeenCalledOnce()
  })

  test('is the whole file again on Use all', async () => {
    const { onTrim } = open()
    await press('Use all')
    expect(screen.getByText('Uses all 14.2 s')).toBeVisible()
    await press('Done')
    expect(onTrim).toHaveBeenCalledWith({ start: 0, length: null })
  })

  test('of a long sound is as much as a video may have', async () => {
    const { onTrim } = open({ asset_type: 'audio', duration_seconds: 200 }, undefined, 30)
    expect(screen.getByText('A video has up to 30.0 s.')).toBeVisible()
    await press('Use the first 30.0 s')
    await press('Done')
    expect(onTrim).toHaveBeenCalledWith({ start: 0, length: 30 })
  })
})

describe('typed seconds', () => {
  test('move the handles, with a comma too', async () => {
    const { user } = open()
    await user.clear(field('Start in seconds'))
    await user.type(field('Start in seconds'), '5,5')
    expect(handle('Start')).toHaveAttribute('aria-valuetext', '5.5 s')
    expect(handle('End')).toHaveAttribute('aria-valuetext', '11.5 s')
    expect(field('Length in seconds')).toHaveValue('6.0')
  })

  test('that cannot be are put right when the field is left', async () => {
    const { user } = open()
    await user.clear(field('Length in seconds'))
    await user.type(field('Length in seconds'), '99')
    expect(field('Length in seconds')).toHaveValue('99')
    await user.tab()
    expect(field('Length in seconds')).toHaveValue('11.0')
  })

  test('that are no number say so and change nothing', async () => {
    const { user } = open()
    await user.type(field('Length in seconds'), 'x')
    expect(screen.getByText('Use a number, like 3.5.')).toBeVisible()
    expect(screen.getByText('Uses 6.0 s of 14.2 s, from 3.2 s')).toBeVisible()
  })
})

describe('a handle', () => {
  test('that is moved changes what is typed', () => {
    open()
    fireEvent.change(handle('Start'), { target: { value: '4' } })
    expect(field('Start in seconds')).toHaveValue('4.0')
    expect(field('Length in seconds')).toHaveValue('5.2')
  })

  test('moves by a second with Shift or Page', () => {
    open()
    fireEvent.keyDown(handle('Start'), { key: 'ArrowRight', shiftKey: true })
    expect(handle('Start')).toHaveAttribute('aria-valuetext', '4.2 s')
    fireEvent.keyDown(handle('End'), { key: 'PageDown' })
    expect(handle('End')).toHaveAttribute('aria-valuetext', '8.2 s')
  })
})

describe('playing the part', () => {
  test('begins at the start and stops at the end', async () => {
    open()
    const clip = player()
    clip.loaded(14.2)
    await press('Play this part')
    expect(clip.time).toBe(3.2)
    clip.reached(9.1)
    expect(clip.element.paused).toBe(false)
    clip.reached(9.2)
    expect(clip.element.paused).toBe(true)
    expect(await screen.findByRole('button', { name: 'Play this part' })).toBeVisible()
  })

  test('can be stopped before', async () => {
    open()
    const clip = player()
    await press('Play this part')
    await press('Stop')
    expect(clip.element.paused).toBe(true)
  })

  test('gives way to a handle, whose picture is shown', () => {
    open()
    const clip = player()
    fireEvent.change(handle('Start'), { target: { value: '5' } })
    expect(clip.time).toBe(5)
  })

  test('uses the copy every browser plays', () => {
    open()
    expect(screen.getByLabelText('Your clip')).toHaveAttribute('src', '/media/clip.mp4')
  })
})

describe('cuts', () => {
  test('are told, and the part can start or end there', async () => {
    open({ cuts: [5.04] })
    expect(screen.getByText('Cut at 5.0 s. One shot works best.')).toBeVisible()
    await press('Start after the cut')
    expect(screen.getByText('Uses 4.1 s of 14.2 s, from 5.1 s')).toBeVisible()
    await press('Use all')
    await press('End before the cut')
    expect(screen.getByText('Uses 5.0 s of 14.2 s, from 0.0 s')).toBeVisible()
  })

  test('are chosen where there are several', async () => {
    open({ cuts: [4, 8] })
    expect(screen.getByText('Cuts at 4.0 s, 8.0 s. One shot works best.')).toBeVisible()
    await press('8.0 s')
    await press('End before the cut')
    expect(handle('End')).toHaveAttribute('aria-valuetext', '8.0 s')
  })
})

test('a file that cannot be had is told calmly', () => {
  open()
  fireEvent.error(screen.getByLabelText('Your clip'))
  expect(
    screen.getByText('We can’t show this file now. Close this and open it again.'),
  ).toBeVisible()
})

test('a file that is still read says so', () => {
  open({ checked: false })
  expect(screen.getByText('Listening to your file')).toBeVisible()
  fireEvent.error(screen.getByLabelText('Your clip'))
  expect(screen.getByText('We are still reading this file. Try again in a moment.')).toBeVisible()
})
