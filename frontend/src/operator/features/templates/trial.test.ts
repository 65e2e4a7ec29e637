import { expect, test } from 'vitest'

import { faultOf, trialIn, USUAL } from './trial.ts'

test('percents are sent as the API takes them', () => {
  expect(trialIn({ percent: ' 25 ', leastRuns: '8', mostFailures: '50' })).toEqual({
    canary_percent: 25,
    least_runs: 8,
    most_failures: 0.5,
  })
})

test.each(['0', '100', '1.5', '', 'ten'])('a trial of %j percent is refused', (percent) => {
  const typed = { ...USUAL, percent }
  expect(trialIn(typed)).toBeNull()
  expect(faultOf(typed, 'percent')).toBe('A whole number from 1 to 99.')
  expect(faultOf(typed, 'leastRuns')).toBeNull()
})
