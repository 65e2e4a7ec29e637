import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'

import type { Job } from '../../api/types.ts'
import { job } from '../../test/factory.ts'
import { render } from '../../test/render.tsx'
import { output } from '../../test/videos.ts'
import Gallery from './Gallery.tsx'

let known: Job[] = []
let asked: string[] = []
let refusal: { status: number; message: string } | null = null
let pressed: string[] = []

beforeEach(() => {
  asked = []
  pressed = []
  refusal = null
  history.replaceState(null, '', '/')
  // jsdom has no popovers.
  Object.assign(HTMLElement.prototype, { hidePopover: () => {} })
  vi.stubGlobal('matchMedia', () => ({ matches: false }))
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    const { method, url } = input as Request
    const { pathname, search } = new URL(url)
    asked.push(`${method} ${pathname}${search}`)
    if (method === 'GET') return Response.json({ items: found(search), next_cursor: null })
    if (refusal) return Response.json({ ...refusal, errors: [] }, { status: refusal.status })
    if (method === 'DELETE') return new Response(null, { status: 204 })
    return Response.json(known.find(({ job_id }) => pathname.includes(job_id)))
  })
})

function found(search: string): Job[] {
  const words = new URLSearchParams(search).get('search') ?? ''
  return known.filter(({ prompt }) => prompt.includes(words))
}

function done(job_id: string, part: Partial<Job> = {}): Job {
  return job({ job_id, prompt: `take ${job_id}`, status: 'completed', output: output(), ...part })
}

function many(count: number): Job[] {
  return Array.from({ length: count }, (_, index) => done(String(index)))
}

function note(what: string) {
  return (one: Job) => pressed.push(`${what} ${one.job_id}`)
}

async function show(...jobs: Job[]) {
  known = jobs
  const view = render(
    <Gallery
      polling={false}
      line={undefined}
      onReuse={note('reuse')}
      onAgain={note('again')}
      whenEmpty={<p>Nothing yet</p>}
      placeholder={<p>Soon</p>}
    />,
  )
  await waitFor(() => expect(screen.queryByText('Soon')).toBeNull())
  return { user: userEvent.setup(), ...view }
}

function shown(): (string | undefined)[] {
  return screen.queryAllByTestId('run-card').map((card) => card.dataset.jobId)
}

function card(index: number) {
  return within(screen.getAllByTestId('run-card')[index] as HTMLElement)
}

async function choose(user: ReturnType<typeof userEvent.setup>, index: number, testId: string) {
  await user.click(card(index).getByTestId('more'))
  await user.click(card(index).getByTestId(testId))
}

test('before the first video there is something to begin with', async () => {
  await show()
  expect(screen.getByText('Nothing yet')).toBeVisible()
})

test('a result leads to its page, and can be had again in both ways', async () => {
  const { user } = await show(done('a'), done('b'))
  expect(card(1).getByRole('link', { name: 'take b' })).toHaveAttribute('href', '/v/b')
  await choose(user, 1, 'same-settings')
  await choose(user, 1, 'same-again')
  expect(pressed).toEqual(['reuse b', 'again b'])
})

test('only the newest video has a player, and one other at a time plays', async () => {
  const { user } = await show(...many(5))
  expect(document.querySelectorAll('video')).toHaveLength(1)
  await user.click(card(1).getByRole('button', { name: 'Play preview' }))
  await user.click(card(2).getByRole('button', { name: 'Play preview' }))
  expect(card(1).queryByTestId('preview-video')).toBeNull()
  expect(card(2).getByTestId('preview-video')).toMatchObject({ muted: true, loop: true })
  await user.click(card(2).getByRole('button', { name: 'Pause preview' }))
  expect(document.querySelectorAll('video')).toHaveLength(1)
})

test('a resting pointer plays, and gives the player back when it leaves', async () => {
  await show(...many(3))
  const over = screen.getAllByTestId('run-card')[1] as HTMLElement
  fireEvent.pointerEnter(over, { pointerType: 'mouse' })
  expect(await card(1).findByTestId('preview-video')).toBeInTheDocument()
  fireEvent.pointerLeave(over, { pointerType: 'mouse' })
  expect(card(1).queryByTestId('preview-video')).toBeNull()
})

test('a deleted video is gone at once, and comes back where it was', async () => {
  const { user } = await show(done('a'), done('b'), done('c'))
  await choose(user, 1, 'delete')
  await waitFor(() => expect(shown()).toEqual(['a', 'c']))
  expect(screen.getByTestId('undo-bar')).toHaveTextContent('Video deleted.')
  await waitFor(() => expect(asked).toContain('DELETE /api/jobs/b'))
  await user.click(screen.getByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(asked).toContain('POST /api/jobs/b/restore'))
  await waitFor(() => expect(shown().toSorted()).toEqual(['a', 'b', 'c']))
  await waitFor(() => expect(screen.queryByTestId('undo-bar')).toBeNull())
})

test('deletions that follow each other are taken back together', async () => {
  const { user } = await show(...many(4))
  card(1).getByTestId('open-viewer').focus()
  await user.keyboard('{Delete}{Delete}')
  await waitFor(() => expect(shown()).toEqual(['0', '3']))
  expect(screen.getByTestId('undo-bar')).toHaveTextContent('2 videos deleted.')
  expect(document.activeElement).toHaveTextContent('take 3')
  await user.click(screen.getByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(shown()).toHaveLength(4))
})

test('a refused deletion brings the video back and says why', async () => {
  refusal = { status: 409, message: 'Stop this video first.' }
  const { user } = await show(done('a'), done('b'))
  await choose(user, 1, 'delete')
  await waitFor(() => expect(shown()).toHaveLength(2))
  expect(await screen.findByText('Stop this video first.')).toBeVisible()
})

test('the last video can be brought back too', async () => {
  const { user } = await show(done('a'))
  await choose(user, 0, 'delete')
  expect(await screen.findByText('Nothing yet')).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(shown()).toEqual(['a']))
})

test('a video that is on its way is not deleted by a key', async () => {
  const { user } = await show(done('a'), job({ job_id: 'b', prompt: 'take b' }))
  card(1).getByTestId('open-viewer').focus()
  await user.keyboard('{Delete}')
  expect(shown()).toEqual(['a', 'b'])
})

test('arrows lead from card to card, and D downloads', async () => {
  const { user } = await show(...many(3))
  card(0).getByRole('link', { name: 'take 0' }).focus()
  await user.keyboard('{ArrowRight}{ArrowRight}{ArrowLeft}')
  expect(document.activeElement).toHaveTextContent('take 1')
  const clicked = vi.spyOn(HTMLElement.prototype, 'click').mockReturnValue()
  await user.keyboard('d')
  expect(clicked.mock.contexts[0]).toHaveAttribute('data-testid', 'download-link')
})

test('a few videos need no search', async () => {
  await show(...many(8))
  expect(screen.queryByTestId('filter-bar')).toBeNull()
})

test('many videos can be searched, and the address keeps what for', async () => {
  const { user } = await show(...many(9))
  await user.type(screen.getByRole('searchbox'), 'take 4')
  await waitFor(() => expect(shown()).toEqual(['4']))
  await waitFor(() => expect(asked).toContain('GET /api/jobs?search=take%204'))
  expect(location.search).toBe('?q=take+4')
  await user.click(screen.getByRole('button', { name: 'Clear search' }))
  await waitFor(() => expect(shown()).toHaveLength(9))
  expect(location.search).toBe('')
})

test('an address with a filter shows what matches, or how to see all again', async () => {
  history.replaceState(null, '', '/?q=whale&kind=mix&state=finished&other=1')
  const { user } = await show(done('a'))
  expect(await screen.findByTestId('no-match')).toHaveTextContent('Nothing matches.')
  expect(screen.getByTestId('filter-kind')).toHaveTextContent('Animate – Mix')
  expect(asked).toContain('GET /api/jobs?search=whale&mode=animate&submode=mix&status=completed')
  await user.click(screen.getByRole('button', { name: 'Clear' }))
  await waitFor(() => expect(shown()).toEqual(['a']))
  expect(location.search).toBe('?other=1')
})

test('kind and state are chosen from menus', async () => {
  const { user } = await show(...many(9))
  await user.click(screen.getByTestId('filter-state'))
  await user.click(screen.getByTestId('filter-unfinished'))
  await waitFor(() => expect(location.search).toBe('?state=unfinished'))
  expect(asked).toContain('GET /api/jobs?status=failed&status=cancelled')
})

test('a list that cannot be had says so, and is asked for again', async () => {
  vi.mocked(fetch).mockImplementationOnce(async () => Response.json({}, { status: 500 }))
  const { user } = await show(done('a'))
  expect(screen.getByText('We cannot load your videos right now.')).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Try again' }))
  await waitFor(() => expect(shown()).toEqual(['a']))
})

test('more comes as its end gets near', async () => {
  let near: ((entries: object[]) => void) | undefined
  class Watching {
    constructor(tell: (entries: object[]) => void) {
      near = tell
    }
    observe() {}
    disconnect() {}
  }
  vi.stubGlobal('IntersectionObserver', Watching)
  const pages = [
    { items: [done('a')], next_cursor: 'next' },
    { items: [done('b')], next_cursor: null },
  ]
  vi.mocked(fetch).mockImplementation(async () => Response.json(pages.shift()))
  await show()
  expect(screen.getByTestId('show-more')).toBeVisible()
  act(() => near?.([{ isIntersecting: true }]))
  await waitFor(() => expect(shown()).toEqual(['a', 'b']))
  expect(screen.queryByTestId('show-more')).toBeNull()
  vi.unstubAllGlobals()
})
