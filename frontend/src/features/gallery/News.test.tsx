import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'

import type { Job } from '../../api/types.ts'
import { job } from '../../test/factory.ts'
import { News } from './News.tsx'

function tell(...steps: Job[][]): string | null {
  const { rerender } = render(<News jobs={[]} />)
  for (const jobs of steps) rerender(<News jobs={jobs} />)
  return screen.getByRole('status').textContent
}

const RUNS = job()

test('a video that gets ready is told', () => {
  expect(tell([RUNS], [{ ...RUNS, status: 'completed' }])).toBe('Ready: a dancer.')
})

test('a video that fails is told', () => {
  expect(tell([RUNS], [{ ...RUNS, status: 'failed' }])).toBe('Did not finish: a dancer.')
})

test('what had ended before is no news', () => {
  expect(tell([{ ...RUNS, status: 'completed' }])).toBe('')
})

test('a video that is deleted is no news', () => {
  expect(tell([RUNS], [])).toBe('')
})
