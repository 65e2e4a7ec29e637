import { expect, test } from 'vitest'

import type { Admin } from '../../api.ts'
import { attemptState, segmentName } from './attempt.ts'

const AT = '2026-11-23T12:00:00Z'
const CHOSEN: Admin<'JobPrompt'> = {
  job_id: 'j1',
  segment: 0,
  generation: 0,
  prompt_id: 'p1',
  backend_id: 'b1',
  posting_at: null,
  posted_at: null,
  withdrawn_at: null,
  abandoned_at: null,
  settled_at: null,
  outcome: null,
  cause: null,
  answer: null,
  created_at: AT,
}

test.each([
  [{}, 'not sent'],
  [{ posting_at: AT }, 'being sent'],
  [{ posting_at: AT, posted_at: AT }, 'sent'],
  [{ posted_at: AT, abandoned_at: AT }, 'abandoned'],
  [{ posted_at: AT, settled_at: AT, outcome: 'failed' }, 'failed'],
])('an attempt with %o is %s', (part, state) => {
  expect(attemptState({ ...CHOSEN, ...part })).toBe(state)
})

test('what all segments share is the preparation', () => {
  expect([-1, 0, 12].map(segmentName)).toEqual(['preparation', '0', '12'])
})
