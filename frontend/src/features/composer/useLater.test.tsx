import { act, render, renderHook, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { ApiError } from '../../api/problem.ts'
import type { Submission } from '../../api/submission.ts'
import { AT, job } from '../../test/factory.ts'
import SendNotes from './SendNotes.tsx'
import { useLater } from './useLater.ts'

const NOW = new Date(2026, 10, 22, 14, 0).getTime()
const MINUTE_MS = 60_000
const SUBMISSION: Submission = {
  key: 'key-1',
  request: job().settings_json,
  posterUrl: null,
  at: AT,
}

function busy(minutes: number) {
  return new ApiError(429, null, Date.now() + minutes * MINUTE_MS)
}

function setUp(send = vi.fn<(submission: Submission) => Promise<unknown>>(async () => {})) {
  const hook = renderHook(({ error }: { error: unknown }) => useLater([error], send), {
    initialProps: { error: busy(5) as unknown },
  })
  return { send, ...hook }
}

beforeEach(() => vi.useFakeTimers({ now: NOW }))
afterEach(() => vi.useRealTimers())

test('what is saved is sent by itself once the server takes more, and once only', async () => {
  const { result, send } = setUp()
  act(() => result.current.save(SUBMISSION))
  expect(result.current.later).toMatchObject({ at: NOW + 5 * MINUTE_MS, saved: 1 })
  await act(() => vi.advanceTimersByTimeAsync(5 * MINUTE_MS - 1))
  expect(send).not.toHaveBeenCalled()
  await act(() => vi.advanceTimersByTimeAsync(1))
  expect(send).toHaveBeenCalledExactlyOnceWith(SUBMISSION)
  expect(result.current.later).toBeNull()
})

test('too early once more, it waits again under the same key', async () => {
  const send = vi.fn<(submission: Submission) => Promise<unknown>>()
  const { result, rerender } = setUp(send)
  act(() => result.current.save(SUBMISSION))
  send.mockRejectedValueOnce(busy(10))
  await act(() => vi.advanceTimersByTimeAsync(5 * MINUTE_MS))
  rerender({ error: busy(5) })
  expect(result.current.later?.saved).toBe(1)
  send.mockResolvedValueOnce(undefined)
  await act(() => vi.advanceTimersByTimeAsync(5 * MINUTE_MS))
  expect(send.mock.calls.map(([{ key }]) => key)).toEqual(['key-1', 'key-1'])
})

test('what is called off is not sent', async () => {
  const { result, send } = setUp()
  act(() => result.current.save(SUBMISSION))
  act(() => result.current.later?.cancel())
  await act(() => vi.advanceTimersByTimeAsync(5 * MINUTE_MS))
  expect(send).not.toHaveBeenCalled()
})

test('other refusals are not about time', () => {
  const { result, rerender } = setUp()
  rerender({ error: new ApiError(422, null) })
  expect(result.current.later).toBeNull()
})

test('when it is sent is told, and it can be called off', async () => {
  vi.useRealTimers()
  const cancel = vi.fn<() => void>()
  const at = new Date(2026, 10, 22, 14, 5).getTime()
  const { rerender } = render(<SendNotes later={{ at, saved: 0, cancel }} waiting={false} />)
  expect(screen.getByTestId('send-notes')).toHaveTextContent(/We send it at (14|02):05/)
  expect(screen.queryByRole('button')).toBeNull()
  rerender(<SendNotes later={{ at, saved: 1, cancel }} waiting={false} />)
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  expect(cancel).toHaveBeenCalledOnce()
})

test('a limit that is hours away is told, and the page is not asked to stay open for it', () => {
  const { result, rerender } = setUp()
  const error = busy(180)
  rerender({ error })
  expect(result.current).toMatchObject({ later: null, from: error.retryAt })
})
