import { render, screen, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'

import { ApiError } from '../../api/problem.ts'
import type { FieldError } from '../../api/types.ts'
import { draft, promised } from '../../test/factory.ts'
import type { Advice } from './preflight.ts'
import Prospect from './Prospect.tsx'
import { toolsOf } from './tools.ts'
import { Refusal } from './Refusal.tsx'
import type { Tools } from './remedies.ts'

function tools() {
  const hands = {
    set: vi.fn<Tools['set']>(),
    replace: vi.fn<Tools['replace']>(),
    onEdit: vi.fn<Tools['edit']>(),
  }
  return { ...hands, ...toolsOf(draft(), hands) }
}

function warned(advice: Advice, used = tools()) {
  const warnings = [{ code: 'odd', message: 'Something is odd.', ...advice }]
  render(<Prospect promised={promised({ warnings })} tools={used} />)
  return used
}

function refused(...errors: FieldError[]) {
  const [first] = errors
  if (first === undefined) throw new Error('nothing was refused')
  const { code, message } = first
  return new ApiError(422, {
    title: '',
    status: 422,
    code,
    message,
    reference: 'AB12',
    errors,
  })
}

test.each<[Advice, string, Parameters<Tools['set']>[0]]>([
  [{ action: 'trim', trim_to_seconds: 2.3 }, 'Use 2.3 s', { length: '2.3' }],
  [{ action: 'use_shape', aspect_ratio: '16:9' }, 'Use 16:9', { shape: '16:9' }],
  [{ action: 'use_draft' }, 'Use Draft', { quality: 'draft' }],
])('advice %j is taken with one press', async (advice, label, part) => {
  const { set } = warned(advice)
  await userEvent.click(await screen.findByRole('button', { name: label }))
  expect(set).toHaveBeenCalledExactlyOnceWith(part)
})

test.each<[string, string, Parameters<Tools['replace']>]>([
  ['ground_truth_asset_id', 'Replace picture', ['ground-truth', 0]],
  ['motion_video_asset_id', 'Replace clip', ['motion-video', 0]],
  ['audio_asset_id', 'Replace sound', ['audio', 0]],
  ['reference_asset_ids.2', 'Replace picture', ['reference', 2]],
])('a file that does not do, %s, can be replaced', async (field, label, place) => {
  const { replace } = warned({ action: 'replace', field })
  await userEvent.click(await screen.findByRole('button', { name: label }))
  expect(replace).toHaveBeenCalledExactlyOnceWith(...place)
})

test.each<[Advice, string, Parameters<Tools['edit']>[0]]>([
  [
    { action: 'frame', field: 'ground_truth_asset_id' },
    'Frame',
    { tool: 'frame', id: 'ground-truth' },
  ],
  [
    { action: 'pick_person', field: 'motion_video_asset_id' },
    'Pick person',
    { tool: 'person', id: 'motion-video' },
  ],
  [
    { action: 'trim', field: 'motion_video_asset_id', trim_to_seconds: 2.3 },
    'Trim clip',
    { tool: 'trim', id: 'motion-video', length: 2.3 },
  ],
])('advice %j opens its dialog', async (advice, label, editing) => {
  const { onEdit } = warned(advice)
  await userEvent.click(await screen.findByRole('button', { name: label }))
  expect(onEdit).toHaveBeenCalledExactlyOnceWith(editing)
})

test('the words stand alone where the page can do nothing yet', async () => {
  const warnings = [
    {
      code: 'ratio_misfit',
      message: 'Frame it.',
      field: 'pose_sheet_asset_ids.0',
      action: 'frame',
    },
    {
      code: 'slow_clip',
      message: 'It is slow.',
      field: 'motion_video_asset_id',
      action: 'replace',
    },
  ] as const
  render(<Prospect promised={promised({ warnings: [...warnings] })} tools={tools()} />)
  // Once the other's button is there, this one's would be.
  const only = await screen.findByRole('button')
  expect(only).toHaveAccessibleName('Replace clip')
  const [frame] = screen.getAllByTestId('check-warn')
  expect(within(frame as HTMLElement).queryByRole('button')).toBeNull()
  expect(frame).toHaveTextContent('Frame it.')
})

test('each refusal has its own button, and the first its code', async () => {
  const used = tools()
  const refusal = refused(
    { field: 'ground_truth_asset_id', code: 'missing_asset', message: 'Gone.', action: 'add' },
    {
      field: 'motion_video_asset_id',
      code: 'too_long',
      message: 'Too long.',
      action: 'trim',
      trim_to_seconds: 63.3,
    },
  )
  render(<Refusal refusal={refusal} tools={used} />)
  const [gone, long] = screen.getAllByTestId('refusal')
  expect(gone).toHaveTextContent('Gone. Code AB12')
  expect(long).toHaveTextContent('Too long.')
  await userEvent.click(await screen.findByRole('button', { name: 'Choose picture' }))
  await userEvent.click(screen.getByRole('button', { name: 'Trim clip' }))
  expect(used.replace).toHaveBeenCalledExactlyOnceWith('ground-truth', 0)
  const longest = 63.3
  expect(used.onEdit).toHaveBeenCalledExactlyOnceWith({
    tool: 'trim',
    id: 'motion-video',
    length: longest,
    longest,
  })
})

test('an answer that is not from the server itself has no button', () => {
  render(<Refusal refusal={new Error('offline')} tools={tools()} />)
  expect(screen.getByTestId('refusal')).toHaveTextContent('We cannot be reached right now.')
  expect(screen.queryByRole('button')).toBeNull()
})
