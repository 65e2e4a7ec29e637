import { expect, test } from 'vitest'

import { job } from '../test/factory.ts'
import { askedOf, isFiltering, matches, NO_FILTER, type JobFilter } from './jobFilter.ts'

function filter(part: Partial<JobFilter>): JobFilter {
  return { ...NO_FILTER, ...part }
}

test('without a filter everything is asked for, and matches', () => {
  expect(isFiltering(NO_FILTER)).toBe(false)
  expect(askedOf(NO_FILTER)).toEqual({})
  expect(matches(NO_FILTER, job())).toBe(true)
})

test.each([
  [{ kind: 'move' }, { mode: 'animate', submode: 'move' }],
  [{ kind: 'mix' }, { mode: 'animate', submode: 'mix' }],
  [{ kind: 'audio' }, { mode: 'audio-performance' }],
  [{ state: 'finished' }, { status: ['completed'] }],
  [
    { state: 'unfinished', search: 'sea' },
    { search: 'sea', status: ['failed', 'cancelled'] },
  ],
] as const)('%j is asked for as %j', (part, asked) => {
  expect(askedOf(filter(part))).toEqual(asked)
})

test.each([
  [{ search: 'DANCER' }, true],
  [{ search: 'dan a' }, true],
  [{ search: 'dancer sea' }, false],
  [{ kind: 'move' }, true],
  [{ kind: 'mix' }, false],
  [{ state: 'running' }, true],
  [{ state: 'finished' }, false],
] as const)('whether a running dancer matches %j', (part, found) => {
  expect(matches(filter(part), job({ prompt: 'A dancer' }))).toBe(found)
})
