import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'

import { render } from '../../test/render.tsx'
import PosesDialog from './PosesDialog.tsx'

// jsdom has no modal dialogs.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true
}
HTMLDialogElement.prototype.close = function () {
  this.open = false
}

const POSES = [
  { id: 'a', name: 'one.png', picture: '/media/one.png', hint: '' },
  { id: 'b', name: 'two.png', picture: null, hint: 'the bow' },
]

function open(poses = POSES) {
  const onHints = vi.fn<(hints: Record<string, string>) => void>()
  const onClose = vi.fn<() => void>()
  render(<PosesDialog poses={poses} onHints={onHints} onClose={onClose} />)
  return { onHints, onClose }
}

const field = (name: string) => screen.getByRole('textbox', { name })

test('each pose has its line, kept on Done', async () => {
  const { onHints, onClose } = open()
  expect(field('What is pose 2 for?')).toHaveValue('the bow')
  await userEvent.type(field('What is pose 1 for?'), ' the start ')
  await userEvent.click(screen.getByRole('button', { name: 'Done' }))
  expect(onHints).toHaveBeenCalledExactlyOnceWith({ a: 'the start', b: 'the bow' })
  expect(onClose).toHaveBeenCalledOnce()
})

test('a line ends where the server would refuse it', async () => {
  open()
  await userEvent.click(field('What is pose 1 for?'))
  await userEvent.paste('x'.repeat(250))
  expect(field('What is pose 1 for?')).toHaveValue('x'.repeat(200))
})

test('Close keeps what there was', async () => {
  const { onHints, onClose } = open()
  await userEvent.type(field('What is pose 1 for?'), 'lost')
  await userEvent.click(screen.getByRole('button', { name: 'Close' }))
  expect(onHints).not.toHaveBeenCalled()
  expect(onClose).toHaveBeenCalledOnce()
})

test('no more poses than the server takes, each with an example of its own', () => {
  open(Array.from({ length: 9 }, (_, id) => ({ ...POSES[1]!, id: `${id}`, hint: '' })))
  const examples = screen.getAllByRole('textbox').map((one) => one.getAttribute('placeholder'))
  expect(new Set(examples).size).toBe(8)
  expect(examples).toHaveLength(8)
})
