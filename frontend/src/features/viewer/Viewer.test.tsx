import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, render, screen, waitFor } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'

import { jobKey, jobsKey, type JobPages } from '../../api/jobCache.ts'
import type { Job } from '../../api/types.ts'
import { asset, job } from '../../test/factory.ts'
import { FakeVideo } from '../../test/fakeVideo.ts'
import { growing, output } from '../../test/videos.ts'
import Viewer from './Viewer.tsx'

const DONE = job({ status: 'completed', progress: 1, output: output({ simulated: true }) })
const CLIP = asset({ asset_id: 'asset-2', proxy_url: '/media/clip.mp4' })

/** What the server answers to, by path; a path that is not there is gone. */
let answers: Record<string, unknown> = {}
let still = false
let pressed: string[] = []

beforeEach(() => {
  answers = { '/api/jobs/job-1': DONE, '/api/assets/asset-2': CLIP }
  still = false
  pressed = []
  history.replaceState(null, '', '/v/job-1')
  Object.assign(HTMLDialogElement.prototype, { showModal: opened, close: closed })
  vi.stubGlobal('matchMedia', () => ({ matches: still }))
  vi.spyOn(HTMLMediaElement.prototype, 'pause').mockReturnValue()
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    const answer = answers[new URL((input as Request).url).pathname]
    return answer === undefined
      ? Response.json({ message: 'Gone', errors: [] }, { status: 404 })
      : Response.json(answer)
  })
})

function opened(this: HTMLDialogElement): void {
  this.open = true
}

function closed(this: HTMLDialogElement): void {
  this.open = false
}

function note(what: string) {
  return (subject?: Job) => pressed.push(`${what} ${subject?.job_id ?? ''}`)
}

function show(listed: Job[] = []) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const pages: JobPages = { pages: [{ items: listed, next_cursor: null }], pageParams: [null] }
  queries.setQueryData(jobsKey, pages)
  const view = render(
    <QueryClientProvider client={queries}>
      <Viewer
        jobId="job-1"
        onClose={note('close')}
        onReuse={note('reuse')}
        onAgain={note('again')}
      />
    </QueryClientProvider>,
  )
  return { queries, user: userEvent.setup(), ...view }
}

async function result(seconds?: number): Promise<FakeVideo> {
  const video = new FakeVideo(await screen.findByTestId('viewer-video'))
  act(() => video.loaded(14.4375))
  if (seconds !== undefined) {
    act(() => video.pausedAt(seconds))
    act(() => video.reached(seconds))
  }
  return video
}

test('a result is told in full, and marked as simulated', async () => {
  show()
  expect(await screen.findByTestId('viewer-prompt')).toHaveTextContent('a dancer')
  expect(screen.getByTestId('viewer-facts')).toHaveTextContent(
    /Animate – Move.*14.4 s.*Standard.*480 × 832/,
  )
  expect(screen.getByText('Simulated')).toBeInTheDocument()
  expect(screen.getByTestId('download-link')).toHaveAttribute('href', '/media/video.mp4?download')
})

test('it loops, has its own controls and starts by itself', async () => {
  show()
  const video = await result()
  expect(video.element).toMatchObject({ loop: true, controls: true, paused: false })
})

test('for a person who wants things to stand still, it does not start', async () => {
  still = true
  show()
  expect((await result()).element.paused).toBe(true)
})

test('single keys play, turn picture by picture and go a second back and on', async () => {
  const { user } = show()
  const video = await result(1.03125)
  const at: number[] = []
  for (const key of ['.', '.', ',', 'l', 'j', 'J']) {
    await user.keyboard(key)
    at.push(video.time * 16 - 0.5)
    act(() => video.arrived())
  }
  expect(at).toEqual([17, 18, 17, 33, 17, 1])
  expect(screen.getByTestId('frame')).toHaveTextContent('Frame 2 of 231')
  await user.keyboard(' ')
  expect(video.element.paused).toBe(false)
})

test('Space presses the button it was brought to by keyboard, and plays after the mouse', async () => {
  const { user } = show()
  const video = await result(1)
  act(() => screen.getByTestId('frame-on').focus())
  await user.keyboard(' ')
  expect([video.time * 16, video.element.paused]).toEqual([17.5, true])
  act(() => video.arrived())
  await user.click(screen.getByTestId('frame-back'))
  await user.keyboard(' ')
  expect([video.time * 16, video.element.paused]).toEqual([16.5, false])
})

test('turning a picture stops a video that plays', async () => {
  const { user } = show()
  const video = await result()
  act(() => video.playing(2))
  await user.click(screen.getByTestId('frame-on'))
  expect(video.element.paused).toBe(true)
})

test('what is typed into a field is no key', async () => {
  const { user } = show()
  const video = await result(1)
  const field = document.body.appendChild(document.createElement('input'))
  await user.click(field)
  await user.keyboard('.l ')
  field.remove()
  expect([video.time, video.element.paused]).toEqual([1, true])
})

test('the arrows turn to the results beside it, and past what has none', async () => {
  const listed = [
    job({ job_id: 'newer', output: output() }),
    DONE,
    job({ job_id: 'running' }),
    job({ job_id: 'older', output: output() }),
  ]
  const { user } = show(listed)
  await result()
  const before = history.length
  await user.keyboard('{ArrowRight}')
  expect(location.pathname).toBe('/v/older')
  await user.keyboard('{ArrowLeft}')
  expect(location.pathname).toBe('/v/newer')
  expect(history.length).toBe(before)
})

test('a video that is not there is one sentence and a way back', async () => {
  answers = {}
  const { user } = show()
  expect(await screen.findByTestId('viewer-notice')).toHaveTextContent('no longer here')
  await user.click(screen.getByTestId('back-to-studio'))
  expect(pressed).toEqual(['close '])
})

test('a running video shows its stage and what is done, and becomes the result by itself', async () => {
  const running = job({ growing: growing(1), segment_count: 3, segments_done: 1 })
  answers['/api/jobs/job-1'] = running
  const { queries } = show([running])
  expect(screen.getByTestId('stage')).toHaveTextContent('Animating')
  const grown = new FakeVideo(screen.getByTestId('growing-video'))
  act(() => grown.loaded(4.8))
  act(() => grown.pausedAt(3))
  act(() => queries.setQueryData(jobKey('job-1'), { ...DONE, rev: 9 }))
  const video = await result()
  expect([video.time, video.element.paused]).toEqual([3, true])
  expect(screen.queryByTestId('stage')).toBeNull()
})

test('the clip stands beside its result, at the same place and silent', async () => {
  const trimmed = { ...DONE.settings_json, source_start_seconds: 2 }
  answers['/api/jobs/job-1'] = { ...DONE, settings_json: trimmed }
  const { user } = show()
  await result(1)
  await user.click(screen.getByLabelText(/Compare with your clip/))
  const clip = new FakeVideo(await screen.findByTestId('clip-video'))
  act(() => clip.loaded(20))
  expect(clip.element).toMatchObject({ muted: true, controls: false, currentTime: 3 })
  expect(clip.element).toHaveAttribute('src', '/media/clip.mp4')
})

test('a performance to a sound has no clip to compare with', async () => {
  const settings_json = {
    mode: 'audio-performance' as const,
    prompt: 'a singer',
    ground_truth_asset_id: 'asset-1',
    audio_asset_id: 'asset-3',
  }
  answers['/api/jobs/job-1'] = { ...DONE, settings_json }
  show()
  await result()
  expect(screen.queryByTestId('compare')).toBeNull()
})

test('when its address has run out, it is asked for again and goes on where it was', async () => {
  show()
  const video = await result()
  act(() => video.playing(7))
  const anew = { ...DONE, output: output({ video_url: '/media/video.mp4?anew' }) }
  answers['/api/jobs/job-1'] = anew
  act(() => video.say('error'))
  await waitFor(() => expect(video.element).toHaveAttribute('src', '/media/video.mp4?anew'))
  act(() => video.pausedAt(0))
  act(() => video.loaded(14.4375))
  expect([video.time, video.element.paused]).toEqual([7, false])
})

test('when only the way to it failed, it is loaded once more from the same address', async () => {
  show()
  const video = await result()
  act(() => video.playing(7))
  act(() => video.say('error'))
  await waitFor(() => expect(video.loads).toBe(1))
  expect(video.element).toHaveAttribute('src', '/media/video.mp4')
})

test('a video that cannot be had says so, with a way to try', async () => {
  const { user } = show()
  const video = await result()
  vi.mocked(fetch).mockRejectedValueOnce(new TypeError('offline'))
  act(() => video.say('error'))
  expect(await screen.findByText(/We cannot play this video right now/)).toBeInTheDocument()
  answers['/api/jobs/job-1'] = { ...DONE, output: output({ video_url: '/media/video.mp4?anew' }) }
  await user.click(screen.getByText('Try again'))
  await waitFor(() => expect(video.element).toHaveAttribute('src', '/media/video.mp4?anew'))
  expect(screen.queryByText(/We cannot play this video right now/)).toBeNull()
})

test('the same settings and the same video once more', async () => {
  const { user } = show()
  await user.click(await screen.findByTestId('same-settings'))
  await user.click(screen.getByTestId('same-again'))
  expect(pressed).toEqual(['reuse job-1', 'again job-1'])
})

test('the focus goes into the viewer, and to the link of the video when it closes', async () => {
  const link = Object.assign(document.createElement('a'), { href: '/v/job-1' })
  document.body.append(link)
  const { unmount } = show()
  expect(screen.getByTestId('viewer')).toHaveFocus()
  unmount()
  expect(link).toHaveFocus()
  link.remove()
})

test('deletes the video and leaves', async () => {
  show()
  const asked = vi.mocked(globalThis.fetch)
  await userEvent.click(await screen.findByTestId('delete'))
  expect(pressed).toEqual(['close '])
  await waitFor(() =>
    expect(asked.mock.calls.map(([one]) => (one as Request).method)).toContain('DELETE'),
  )
})
