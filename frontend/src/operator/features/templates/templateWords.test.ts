import { expect, test } from 'vitest'

import type { Admin } from '../../api.ts'
import { failureWords, rollBackWords, trialWords } from './templateWords.ts'

const TRIAL: Admin<'Canary'> = {
  version: '1.1.0',
  percent: 10,
  since: '2026-11-23T12:00:00Z',
  runs: 3,
  failures: 1,
  least_runs: 5,
  most_failures: 0.2,
}

test('a trial says when it is taken back, and how far that is', () => {
  expect(trialWords(TRIAL)).toBe(
    '10 % of new jobs. 1 of 3 that ended have failed. It is taken back by itself once at least 5 ' +
      'have ended and more than 20 % of them failed. 2 more have to end before that can happen.',
  )
  expect(trialWords({ ...TRIAL, runs: 5 })).not.toContain('before that can happen')
})

test('a version that nothing ended with has no failure rate', () => {
  expect(failureWords({ runs: 0, failures: 0, failure_rate: null })).toBe('–')
  expect(failureWords({ runs: 40, failures: 2, failure_rate: 0.05 })).toBe('2 of 40, 5 %')
})

test('a roll back ends the trial first, then goes to the version before', () => {
  const template = { active_version: '1.0.0', previous_version: '0.9.0' } as Admin<'AdminTemplate'>
  expect(rollBackWords({ ...template, canary: TRIAL })).toContain('trial of 1.1.0 ends')
  expect(rollBackWords({ ...template, canary: null })).toContain('0.9.0 again instead of 1.0.0')
  expect(rollBackWords({ ...template, canary: null, previous_version: null })).toBeNull()
})
