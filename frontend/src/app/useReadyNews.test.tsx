import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { jobsKey } from '../api/jobCache.ts'
import type { Job } from '../api/types.ts'
import { keepWishes } from '../lib/notify.ts'
import { job } from '../test/factory.ts'
import { useReadyNews } from './useReadyNews.ts'

const told: string[] = []

class Note extends EventTarget {
  static permission = 'granted'
  constructor(_title: string, { body }: { body: string }) {
    super()
    told.push(body)
  }
}

function setUp() {
  const queries = new QueryClient()
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  )
  renderHook(() => useReadyNews(), { wrapper })
  return (...items: Job[]) =>
    act(() => queries.setQueryData(jobsKey, { pages: [{ items }], pageParams: [null] }))
}

beforeEach(() => {
  told.length = 0
  document.title = 'Animatrix'
  vi.stubGlobal('Notification', Note)
  keepWishes({ note: true, sound: false })
})
afterEach(() => {
  vi.unstubAllGlobals()
  localStorage.clear()
})

test('a video that gets ready while nobody looks is told, and in the title until it is seen', async () => {
  const looking = vi.spyOn(document, 'hasFocus').mockReturnValue(false)
  const list = setUp()
  list(job({ status: 'executing' }))
  list(job({ status: 'completed' }))
  expect(told).toEqual(['Ready: a dancer'])
  await waitFor(() => expect(document.title).toBe('Ready – Animatrix'))
  looking.mockReturnValue(true)
  window.dispatchEvent(new Event('focus'))
  expect(document.title).toBe('Animatrix')
})

test('videos that were ready before, and ones that were stopped, are no news', () => {
  const list = setUp()
  list(job({ job_id: 'old', status: 'completed' }), job({ status: 'executing' }))
  list(job({ job_id: 'old', status: 'completed' }), job({ status: 'cancelled' }))
  expect(told).toEqual([])
})
