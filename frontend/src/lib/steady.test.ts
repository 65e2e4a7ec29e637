import { expect, test } from 'vitest'

import { steadied, type Steady } from './steady.ts'

const SHOWN: Steady = { range: { low: 100, high: 200 }, late: false }

test.each([
  ['falls freely', { low: 60, high: 120 }, { range: { low: 60, high: 120 }, late: false }],
  ['stays where nothing is told', null, SHOWN],
  ['stays where hardly anything changed', { low: 120, high: 220 }, SHOWN],
  [
    'rises together with a word',
    { low: 200, high: 300 },
    { range: { low: 200, high: 300 }, late: true },
  ],
])('a wait %s', (_how, told, after) => {
  expect(steadied(SHOWN, told)).toEqual(after)
})

test('a wait that was late stays so when it falls again', () => {
  const late = { range: { low: 200, high: 300 }, late: true }
  expect(steadied(late, { low: 10, high: 20 })).toEqual({
    range: { low: 10, high: 20 },
    late: true,
  })
})
