import { render, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'

import { output } from '../test/videos.ts'
import { ShareButton } from './ShareButton.tsx'

const HOUR = 3_600_000

let touch = false

beforeEach(() => {
  touch = false
  vi.stubGlobal('matchMedia', () => ({ matches: touch }))
})

function signedAt(at: number): string {
  const stamp = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')
  return `/media/video.mp4?X-Amz-Date=${stamp}&X-Amz-Expires=43200`
}

function show(url = signedAt(Date.now() - HOUR / 2)) {
  const user = userEvent.setup()
  render(<ShareButton job={{ output: output({ video_url: url }) }} />)
  return { address: location.origin + url, press: () => user.click(screen.getByTestId('share')) }
}

test('one press copies the whole address and says how long it works', async () => {
  const { address, press } = show()
  await press()
  expect(await navigator.clipboard.readText()).toBe(address)
  expect(screen.getByTestId('shared')).toHaveTextContent('Link copied. It works for 11 hours.')
})

test('where the clipboard is refused, the link stands in a field', async () => {
  const { address, press } = show()
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('', 'Refused'))
  await press()
  expect(screen.getByLabelText('Link to your video')).toHaveValue(address)
  expect(screen.getByTestId('shared')).toBeEmptyDOMElement()
})

test('a phone hands it on in its own way', async () => {
  touch = true
  const { address, press } = show()
  const shared: ShareData[] = []
  Object.assign(navigator, { share: async (data: ShareData) => shared.push(data) })
  await press()
  expect(shared).toMatchObject([{ url: address }])
  Object.assign(navigator, { share: undefined })
})

test('a link that has run out is not given away', async () => {
  const { press } = show(signedAt(Date.now() - 13 * HOUR))
  await press()
  expect(screen.getByTestId('shared')).toHaveTextContent('This link has run out.')
})

test('without a video there is nothing to share', () => {
  render(<ShareButton job={{ output: null }} />)
  expect(screen.queryByTestId('share')).toBeNull()
})
