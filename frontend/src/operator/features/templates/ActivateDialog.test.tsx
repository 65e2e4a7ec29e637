import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'

import { render } from '../../../test/render.tsx'
import type { Admin } from '../../api.ts'
import { ActivateDialog } from './ActivateDialog.tsx'

// jsdom has no modal dialogs.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true
}
HTMLDialogElement.prototype.close = function () {
  this.open = false
}

const TEMPLATE = {
  template_id: 'animate/move',
  active_version: '1.0.0',
  rev: 4,
} as Admin<'AdminTemplate'>

let sent: unknown[] = []

function answerWith(status: number, body: unknown) {
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push({ url: new URL(request.url).pathname, body: await request.json() })
    return Response.json(body, { status })
  })
}

function open() {
  const onClose = vi.fn<() => void>()
  render(<ActivateDialog template={TEMPLATE} version="1.1.0" onClose={onClose} />)
  return onClose
}

async function fillIn() {
  await userEvent.type(screen.getByTestId('reason'), 'Smoother hands')
  await userEvent.type(screen.getByTestId('typed'), 'animate/move')
}

beforeEach(() => {
  sent = []
})

test('a trial is asked for with what the operator saw and chose', async () => {
  answerWith(200, {})
  const onClose = open()
  await userEvent.click(screen.getByLabelText('A trial'))
  await userEvent.clear(screen.getByTestId('trial-percent'))
  await userEvent.type(screen.getByTestId('trial-percent'), '25')
  await fillIn()
  await userEvent.click(screen.getByTestId('confirm'))
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce())
  expect(sent).toEqual([
    {
      url: '/api/admin/workflows/animate/move/activate',
      body: {
        version: '1.1.0',
        reason: 'Smoother hands',
        confirm: 'animate/move',
        expected_rev: 4,
        canary_percent: 25,
        least_runs: 5,
        most_failures: 0.2,
      },
    },
  ])
})

test('a trial of all jobs is not sent', async () => {
  open()
  await userEvent.click(screen.getByLabelText('A trial'))
  await userEvent.type(screen.getByTestId('trial-percent'), '0')
  await fillIn()
  expect(screen.getByText('A whole number from 1 to 99.')).toBeVisible()
  expect(screen.getByTestId('confirm')).toBeDisabled()
})

test('a refusal names what is missing where, and what was typed stays', async () => {
  const message = 'No backend can render animate/move@1.1.0. gpu-1: a.safetensors in models/vae'
  answerWith(409, { error: 'not_possible_now', message, reference: 'R1' })
  const onClose = open()
  await fillIn()
  await userEvent.click(screen.getByTestId('confirm'))
  expect(await screen.findByText(message)).toBeVisible()
  expect(screen.getByTestId('reason')).toHaveValue('Smoother hands')
  expect(screen.getByTestId('typed')).toHaveValue('animate/move')
  expect(onClose).not.toHaveBeenCalled()
})
