import { expect, test } from 'vitest'

import { changedValues } from './changed.ts'

test('only what is otherwise than before is told', () => {
  const before = { state: 'offered', reason: null, url: 'http://gpu-1', rev: 3 }
  const after = { state: 'cordoned', reason: 'A demo', url: 'http://gpu-1', rev: 4 }
  expect(changedValues({ before, after })).toEqual([
    { path: 'state', before: 'offered', after: 'cordoned' },
    { path: 'reason', before: null, after: 'A demo' },
  ])
})

test('a part that goes is told value by value', () => {
  const before = { active: '1.0.0', canary: { version: '1.1.0', percent: 10 } }
  expect(changedValues({ before, after: { active: '1.0.0', canary: null } })).toEqual([
    { path: 'canary.version', before: '1.1.0', after: null },
    { path: 'canary.percent', before: '10', after: null },
  ])
})

test('what was made from nothing is told whole', () => {
  expect(changedValues({ before: null, after: { removals: [{ rule: 'parts' }] } })).toEqual([
    { path: 'removals.0.rule', before: null, after: 'parts' },
  ])
})
