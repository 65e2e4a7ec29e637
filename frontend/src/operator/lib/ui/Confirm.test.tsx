import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'

import { ApiError } from '../../../api/problem.ts'
import { render } from '../../../test/render.tsx'
import { Confirm } from './Confirm.tsx'

// jsdom has no modal dialogs.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true
}
HTMLDialogElement.prototype.close = function () {
  this.open = false
}

function open(onConfirm: (reason: string) => Promise<unknown>, typed?: string) {
  const onClose = vi.fn<() => void>()
  const given = { title: 'Retry', verb: 'Retry', onConfirm, onClose, ...(typed && { typed }) }
  render(<Confirm {...given} />)
  return onClose
}

const button = () => screen.getByTestId('confirm')

test('nothing is changed without a reason', async () => {
  const send = vi.fn<(reason: string) => Promise<unknown>>(() => Promise.resolve())
  const onClose = open(send)
  await userEvent.type(screen.getByTestId('reason'), ' ab ')
  expect(button()).toBeDisabled()
  await userEvent.type(screen.getByTestId('reason'), 'c ')
  await userEvent.click(button())
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce())
  expect(send.mock.calls).toEqual([['ab c']])
})

test('a refusal is shown, and what was typed stays', async () => {
  const message = 'The priority is 2 by now, by ann. Look again, then decide.'
  const problem = { message, reference: '1A2B' } as ApiError['problem']
  const onClose = open(() => Promise.reject(new ApiError(409, problem)))
  await userEvent.type(screen.getByTestId('reason'), 'A demo begins')
  await userEvent.click(button())
  expect(await screen.findByText(message)).toBeVisible()
  expect(screen.getByTestId('reason')).toHaveValue('A demo begins')
  expect(button()).toBeEnabled()
  expect(onClose).not.toHaveBeenCalled()
})

test('a change with wide effect wants its name typed', async () => {
  open(() => Promise.resolve(), 'animate/move')
  await userEvent.type(screen.getByTestId('reason'), 'It fails')
  await userEvent.type(screen.getByTestId('typed'), 'animate/mo')
  expect(button()).toBeDisabled()
  await userEvent.type(screen.getByTestId('typed'), 've')
  expect(button()).toBeEnabled()
})
