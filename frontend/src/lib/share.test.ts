import { afterEach, expect, test, vi } from 'vitest'

import { lifeLeft } from './lifeLeft.ts'
import { copyText, openShareSheet } from './share.ts'

const NOW = Date.parse('2026-11-23T05:00:00Z')
const SIGNED = '/media/video.mp4?X-Amz-Date=20261123T043000Z&X-Amz-Expires=43200&X-Amz-Signature=ab'

function refuse(): Promise<never> {
  return Promise.reject(new DOMException('', 'NotAllowedError'))
}

afterEach(() => vi.unstubAllGlobals())

test.each([
  [SIGNED, 43_200 - 1800],
  ['/media/video.mp4?X-Amz-Date=20261122T043000Z&X-Amz-Expires=60', 0],
  ['/media/video.mp4', null],
])('%s works for %s more seconds', (url, left) => {
  expect(lifeLeft(url, NOW)).toBe(left)
})

test('a browser without a clipboard, or one that refuses, says so', async () => {
  vi.stubGlobal('navigator', {})
  expect(await copyText('x')).toBe(false)
  vi.stubGlobal('navigator', { clipboard: { writeText: refuse } })
  expect(await copyText('x')).toBe(false)
})

test.each([
  ['AbortError', true],
  ['NotAllowedError', false],
])('a sheet that ends with %s has done its work: %s', async (name, done) => {
  vi.stubGlobal('navigator', { share: () => Promise.reject(new DOMException('', name)) })
  expect(await openShareSheet('/x')).toBe(done)
})
