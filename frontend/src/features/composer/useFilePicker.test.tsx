import { render, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'

import type { RoleId } from '../../lib/roles.ts'
import { chip, draft } from '../../test/factory.ts'
import type { DraftControl } from './useDraft.ts'
import { useFilePicker } from './useFilePicker.tsx'

const FILE = new File(['x'], 'new.png', { type: 'image/png' })

function show(role: RoleId, index: number) {
  const done: unknown[] = []
  const references = ['one', 'two'].map((id) => chip('reference', { id }))
  const control: DraftControl = {
    draft: draft({ chips: [chip('ground-truth'), ...references] }),
    dispatch: vi.fn<DraftControl['dispatch']>(),
    addFiles: (files, asked) => done.push([asked, ...files.map(({ name }) => name)]),
    retry: vi.fn<DraftControl['retry']>(),
    remove: (id) => done.push(id),
    fillSample: vi.fn<DraftControl['fillSample']>(),
    fillFromJob: vi.fn<DraftControl['fillFromJob']>(),
  }
  function Page() {
    const { input, replace } = useFilePicker(control)
    return (
      <>
        {input}
        <button type="button" onClick={() => replace(role, index)}>
          Replace
        </button>
      </>
    )
  }
  render(<Page />)
  return done
}

test.each<[RoleId, number, string]>([
  ['ground-truth', 0, 'ground-truth'],
  ['reference', 1, 'two'],
])('a new file takes the place of %s %i', async (role, index, replaced) => {
  const done = show(role, index)
  await userEvent.click(screen.getByRole('button'))
  expect(done).toEqual([])
  const input = screen.getByTestId<HTMLInputElement>('file-input')
  expect(input.accept).toContain('image/*')
  expect(input.multiple).toBe(false)
  await userEvent.upload(input, FILE)
  expect(done).toEqual([replaced, [role, 'new.png']])
})

test('where the file is gone already, the new one is simply added', async () => {
  const done = show('motion-video', 0)
  await userEvent.click(screen.getByRole('button'))
  await userEvent.upload(
    screen.getByTestId('file-input'),
    new File(['x'], 'new.mp4', { type: 'video/mp4' }),
  )
  expect(done).toEqual([['motion-video', 'new.mp4']])
})
