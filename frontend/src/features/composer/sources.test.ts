import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { ApiError } from '../../api/problem.ts'
import { asset } from '../../test/factory.ts'
import { assetFrom, failed } from './sources.ts'

const SAMPLE = { name: 'dance.mp4', kind: 'video', sha256: 'abc' } as const
const TOLD = { onProgress: () => {}, signal: new AbortController().signal }

/** Takes every upload. */
class Upload extends EventTarget {
  static sent = 0
  status = 201
  responseText = JSON.stringify(asset({ asset_id: 'asset-9' }))
  upload = new EventTarget()
  open() {}
  send() {
    Upload.sent += 1
    queueMicrotask(() => this.dispatchEvent(new Event('load')))
  }
}

function serve(known: Response) {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (asked) =>
    typeof asked === 'string' ? new Response('clip') : known.clone(),
  )
}

const take = () => assetFrom({ from: 'samples', sample: SAMPLE }, TOLD)

beforeEach(() => {
  Upload.sent = 0
  vi.stubGlobal('XMLHttpRequest', Upload)
})
afterEach(() => {
  vi.unstubAllGlobals()
  sessionStorage.clear()
})

test('a sample is sent once in a tab', async () => {
  serve(Response.json(asset({ asset_id: 'asset-9' })))
  await take()
  expect((await take()).asset_id).toBe('asset-9')
  expect(Upload.sent).toBe(1)
})

test('a sample the server has lost is sent again', async () => {
  serve(Response.json({ message: 'Gone.' }, { status: 404 }))
  await take()
  await take()
  expect(Upload.sent).toBe(2)
})

test.each([
  ['the network', new TypeError('upload failed'), true],
  ['too much at once', new ApiError(429, null), true],
  ['a fault of ours', new ApiError(500, null), true],
  ['a file too large', new ApiError(413, null), false],
  ['a wrong kind', new ApiError(415, null), false],
])('after %s it may be sent again, or not', (_, error, passing) => {
  expect(failed(error)).toMatchObject({ state: 'failed', passing })
})
