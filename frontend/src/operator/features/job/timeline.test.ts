import { expect, test } from 'vitest'

import type { Admin } from '../../api.ts'
import { withoutProgress } from './timeline.ts'

type Entry = Admin<'TimelineEntry'>

function entry(rev: number, type: Entry['type'], seconds: number | null): Entry {
  const at = '2026-11-23T12:00:00Z'
  return { rev, key: '', type, status: 'executing', stage: 'animating', progress: 0.5, at, seconds }
}

test('the time of progress counts to the event before', () => {
  const folded = withoutProgress([
    entry(1, 'executing', 1),
    entry(2, 'progress', 2),
    entry(3, 'progress', 3.5),
    entry(4, 'completed', null),
  ])
  expect(folded.map(({ rev, seconds }) => [rev, seconds])).toEqual([
    [1, 6.5],
    [4, null],
  ])
})

test('progress that nothing stands before is kept', () => {
  expect(withoutProgress([entry(1, 'progress', 2)])).toHaveLength(1)
})
