import { screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'

import type { Job, JobAction } from '../../api/types.ts'
import { job, wait } from '../../test/factory.ts'
import { render } from '../../test/render.tsx'
import { growing, output, segment } from '../../test/videos.ts'
import type { JobActs } from './acts.ts'
import { JobCard } from './JobCard.tsx'

const PARTS = [segment(0), segment(1), segment(2, { state: 'waiting' })]

const ACTS: JobActs = {
  onReuse: () => {},
  onAgain: () => {},
  onRemove: () => {},
  onPreview: () => {},
}

let posted: string[] = []

beforeEach(() => {
  posted = []
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    const request = input as Request
    if (request.method === 'GET') return Response.json({ items: PARTS })
    posted.push(`${new URL(request.url).pathname} ${await request.text()}`.trim())
    return Response.json(job({ rev: 4 }), { status: 202 })
  })
})

const GROWN: Partial<Job> = { segment_count: 3, segments_done: 2, growing: growing(2) }
const FAILED: Partial<Job> = { ...GROWN, status: 'failed', actions: ['retry', 'again'] }

function show(part: Partial<Job>): void {
  render(<JobCard job={job(part)} large plays={false} acts={ACTS} />)
}

const CONTROLS: [JobAction, string, Partial<Job>, string][] = [
  ['cancel', 'Stop', {}, '/api/jobs/job-1/cancel'],
  ['keep', 'Stop and keep', GROWN, '/api/jobs/job-1/keep'],
  ['retry', 'Try again', { status: 'failed' }, '/api/jobs/job-1/retry'],
]

test.each(CONTROLS)('%s can be asked for when it is possible', async (action, name, part, path) => {
  show({ ...part, actions: [action] })
  await userEvent.click(screen.getByRole('button', { name }))
  expect(posted).toEqual([path])
})

test.each(CONTROLS)('%s is not offered when it is not', (_action, name, part) => {
  show({ ...part, actions: [] })
  expect(screen.queryByRole('button', { name })).toBeNull()
})

test('a refused wish says why', async () => {
  vi.mocked(fetch).mockImplementation(async () =>
    Response.json({ message: 'There is nothing to keep now.' }, { status: 409 }),
  )
  show({ ...GROWN, actions: ['keep'] })
  await userEvent.click(screen.getByRole('button', { name: 'Stop and keep' }))
  expect(await screen.findByRole('alert')).toHaveTextContent('There is nothing to keep now.')
})

test('a growing video is there to watch, with its parts counted', () => {
  show({ ...GROWN, actions: ['cancel', 'keep', 'again'] })
  expect(screen.getByTestId('growing-video')).toHaveAccessibleName('The first 9.6 s')
  expect(screen.getByTestId('watch')).toHaveTextContent('Watch the first 9.6 s')
  expect(screen.getByTestId('parts-done')).toHaveTextContent('2 of 3 parts done')
  expect(screen.getByTestId('keep-hint')).toHaveTextContent('ends after the part it is making now')
})

test('between two parts the video stays and its place is told', () => {
  show({ ...GROWN, status: 'queued', stage: 'in_line', wait: wait({ position: 2 }) })
  expect(screen.getByTestId('growing-video')).toBeVisible()
  expect(screen.getByTestId('wait')).toHaveTextContent('Number 2 in line')
  expect(screen.getByText('30 %')).toBeVisible()
})

test('a decision is asked for once, with both ways to go', async () => {
  const asked = wait({ reason: 'decision', message: 'It looks different now.', position: null })
  const actions: JobAction[] = ['cancel', 'keep', 'continue', 'again']
  show({ ...GROWN, status: 'queued', stage: 'in_line', wait: asked, actions })
  const choice = screen.getByRole('region', { name: 'Your choice' })
  expect(screen.getAllByText('It looks different now.')).toHaveLength(1)
  expect(screen.getAllByTestId('keep')).toHaveLength(1)
  await userEvent.click(within(choice).getByRole('button', { name: 'Keep what is done' }))
  await userEvent.click(within(choice).getByRole('button', { name: 'Go on' }))
  expect(posted).toEqual(['/api/jobs/job-1/keep', '/api/jobs/job-1/continue'])
})

test('a failed video keeps what is done, and says that a new try goes on from there', () => {
  show(FAILED)
  expect(screen.getByTestId('growing-video')).toBeVisible()
  expect(screen.getByTestId('kept')).toHaveTextContent(
    'The first 9.6 s are kept. Try again goes on from there.',
  )
  expect(screen.getAllByRole('button', { name: /again/i })).toHaveLength(1)
})

test('a video that was stopped early tells how much there is of how much', async () => {
  show({ status: 'completed', output: output({ duration_seconds: 9.6, stopped_early: true }) })
  await waitFor(() =>
    expect(screen.getByTestId('stopped-early')).toHaveTextContent('Stopped early: 9.6 s of 14.4 s'),
  )
})

test('a new take tells from where', async () => {
  show({ ...GROWN, origin: { job_id: 'job-0', segment: 1 } })
  expect(await screen.findByText('New take from 4.8 s')).toBeVisible()
})

test('a part that is done can be made again, as a video of its own', async () => {
  show({ status: 'completed', segments_done: 2, output: output(), actions: ['again'] })
  await userEvent.click(screen.getByText('Make a part again'))
  expect(await screen.findAllByTestId('part')).toHaveLength(2)
  expect(screen.getByTestId('parts')).toHaveTextContent('This one stays.')
  await userEvent.click(screen.getByRole('button', { name: 'Make again from here, 4.8–9.6 s' }))
  expect(posted).toEqual(['/api/jobs/job-1/segments/1/again {}'])
  expect(await screen.findByText(/new take is on its way/)).toBeVisible()
})

test('the start of a part is played when it is chosen', async () => {
  const play = vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue()
  show({ status: 'completed', segments_done: 2, output: output(), actions: ['again'] })
  await userEvent.click(screen.getByText('Make a part again'))
  await userEvent.click(await screen.findByRole('button', { name: 'Play 4.8–9.6 s' }))
  expect(screen.getByTestId<HTMLVideoElement>('result-video').currentTime).toBe(4.8)
  expect(play).toHaveBeenCalledTimes(1)
})

test('what is worth knowing of a video is told with its part', () => {
  const warnings = [{ code: 'drifted', message: 'It looks different.', segment: 1 }]
  show({ ...GROWN, warnings })
  expect(screen.getByTestId('job-warnings')).toHaveTextContent('It looks different. Part 2.')
})
