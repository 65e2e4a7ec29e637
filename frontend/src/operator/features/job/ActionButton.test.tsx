import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'

import { render } from '../../../test/render.tsx'
import { ActionButton } from './ActionButton.tsx'

test('what can not be done says why, and is not begun', async () => {
  const onPress = vi.fn<() => void>()
  const reason = 'This job is completed already.'
  render(<ActionButton name="Cancel" ability={{ possible: false, reason }} onPress={onPress} />)
  const button = screen.getByRole('button', { name: 'Cancel' })
  expect(button).toHaveAccessibleDescription(reason)
  await userEvent.click(button)
  expect(onPress).not.toHaveBeenCalled()
})

test('what can be done is begun', async () => {
  const onPress = vi.fn<() => void>()
  render(
    <ActionButton name="Cancel" ability={{ possible: true, reason: null }} onPress={onPress} />,
  )
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  expect(onPress).toHaveBeenCalledOnce()
})
