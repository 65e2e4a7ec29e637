import { expect, test, vi } from 'vitest'

import { localPath, onceSignedIn, tellSignedIn } from './signedIn.ts'

test.each([
  ['/v/1?x=2', '/v/1?x=2'],
  ['/account', '/account'],
  ['//elsewhere.example', '/'],
  ['/\\elsewhere.example', '/'],
  ['/\t/elsewhere.example', '/'],
  ['elsewhere', '/'],
  ['/sign-in?next=/sign-in', '/'],
  [null, '/'],
])('%j leads to %s', (asked, path) => {
  expect(localPath(asked)).toBe(path)
})

test('what nobody was signed in for is done once somebody is', async () => {
  const act = vi.fn<() => Promise<string>>().mockRejectedValueOnce('out').mockResolvedValue('done')
  const done = onceSignedIn(act, (error) => error === 'out')
  await vi.waitFor(() => expect(act).toHaveBeenCalledOnce())
  tellSignedIn()
  expect(await done).toBe('done')
})

test('any other failure is a failure', async () => {
  await expect(
    onceSignedIn(
      () => Promise.reject(new Error('full')),
      () => false,
    ),
  ).rejects.toThrow('full')
})
