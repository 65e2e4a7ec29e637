import { expect, test } from 'vitest'

import { ApiError, toApiError } from '../../../api/problem.ts'
import type { Admin } from '../../api.ts'
import { groupsOf, verdictOf } from './health.ts'

type Part = Pick<Admin<'HealthPart'>, 'kind' | 'name' | 'state'>

function healthOf(state: Admin<'PartState'>, ...parts: Part[]): Admin<'SystemHealth'> {
  return {
    state,
    checked_at: '2026-11-23T12:00:00Z',
    parts: parts.map((part) => ({ ...part, since: null, message: 'Told in words.' })),
  }
}

const S3: Part = { kind: 'dependency', name: 's3', state: 'down' }
const POSTGRES: Part = { kind: 'dependency', name: 'postgres', state: 'working' }
const GPU: Part = { kind: 'backend', name: 'gpu-1', state: 'limited' }

test('the worst part is named, wherever it stands', () => {
  expect(verdictOf(healthOf('down', POSTGRES, GPU, S3), null)).toEqual({
    tone: 'bad',
    words: 'Down: s3 and 1 more',
  })
})

test('a part that is limited does not make the whole look down', () => {
  expect(verdictOf(healthOf('limited', POSTGRES, GPU), null)).toEqual({
    tone: 'warn',
    words: 'Limited: gpu-1',
  })
})

test('with all parts at work it says so', () => {
  expect(verdictOf(healthOf('working', POSTGRES), null).words).toBe('All working')
})

test('without a backend nothing is made, whatever else works', () => {
  expect(verdictOf(healthOf('down', POSTGRES), null)).toEqual({
    tone: 'bad',
    words: 'Down: no backend',
  })
})

test.each([new TypeError('Failed to fetch'), toApiError(502, '<html>Bad gateway</html>')])(
  'a gateway that does not answer is told, whatever was known: %s',
  (error) => {
    const known = healthOf('working', POSTGRES)
    expect(verdictOf(known, error)).toEqual({ tone: 'bad', words: 'The gateway does not answer' })
  },
)

test('a refusal of the gateway is told in its own words', () => {
  const problem = { message: 'This is for operators.' } as ApiError['problem']
  expect(verdictOf(undefined, new ApiError(403, problem)).words).toBe('This is for operators.')
})

test('parts stand by kind, the worst first', () => {
  expect(groupsOf(healthOf('down', GPU, POSTGRES, S3))).toMatchObject([
    { name: 'Dependencies', parts: [{ name: 's3' }, { name: 'postgres' }] },
    { name: 'Backends', parts: [{ name: 'gpu-1' }] },
  ])
  expect(groupsOf(healthOf('limited', POSTGRES, GPU))).toMatchObject([
    { name: 'Backends' },
    { name: 'Dependencies' },
  ])
})
