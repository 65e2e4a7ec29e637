import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, test } from 'vitest'

import { useFreshMedia } from './freshMedia.ts'

const KEY = ['job', 'one']

function setUp() {
  const queries = new QueryClient()
  queries.setQueryData(KEY, 'old')
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  )
  renderHook(() => useFreshMedia(), { wrapper })
  return () => queries.getQueryState(KEY)?.isInvalidated
}

function fail(src: string) {
  const picture = document.body.appendChild(new Image())
  picture.src = src
  picture.dispatchEvent(new Event('error'))
}

afterEach(() => document.body.replaceChildren())

test('a picture that is not had any more is asked for anew', () => {
  const isStale = setUp()
  fail('/media/poster.jpg?X-Amz-Expires=3600')
  expect(isStale()).toBe(true)
})

test('a picture of the page itself is no reason to', () => {
  const isStale = setUp()
  fail('/samples/dancer.jpg')
  expect(isStale()).toBe(false)
})
