import { expect, test } from 'vitest'

import { lifeLeft } from './lifeLeft.ts'

const URL = '/media/a.mp4?X-Amz-Date=20261123T100000Z&X-Amz-Expires=3600'

test.each([
  ['2026-11-23T10:10:00Z', 3000],
  ['2026-11-23T11:00:00Z', 0],
  ['2026-11-24T10:00:00Z', 0],
])('at %s an address signed at ten for an hour has %i s left', (now, left) => {
  expect(lifeLeft(URL, Date.parse(now))).toBe(left)
})

test('what is not signed does not run out', () => {
  expect(lifeLeft('blob:here')).toBeNull()
})
