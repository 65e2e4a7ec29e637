import { render, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import StudioNotice from './StudioNotice.tsx'

const LONG = { low: 600, high: 1080 }

// jsdom lays nothing out, so there is nothing to scroll by.
beforeEach(() => vi.stubGlobal('scrollBy', () => {}))
afterEach(() => vi.unstubAllGlobals())

test('a long wait is told, with what it means and a quicker way', async () => {
  const onDraft = vi.fn<() => void>()
  render(<StudioNotice away={null} wait={LONG} onDraft={onDraft} />)
  const banner = screen.getByTestId('busy-banner')
  expect(banner).toHaveTextContent('A new video starts in about 14 min.')
  expect(banner).toHaveTextContent('You can close this page; we keep your place.')
  await userEvent.click(screen.getByRole('button', { name: 'Use Draft' }))
  expect(onDraft).toHaveBeenCalledOnce()
})

test('Draft is not offered to who has it', () => {
  render(<StudioNotice away={null} wait={LONG} onDraft={null} />)
  expect(screen.getByTestId('busy-banner')).not.toHaveTextContent('Draft')
})

test('while nothing renders, that is said instead of how long the line is', () => {
  render(<StudioNotice away="All are away." wait={LONG} onDraft={null} />)
  expect(screen.getByTestId('away-banner')).toHaveTextContent('All are away.')
  expect(screen.queryByTestId('busy-banner')).toBeNull()
})
