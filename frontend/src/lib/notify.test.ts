import { afterEach, expect, test, vi } from 'vitest'

import { askForNotes, keepWishes, tellReady, wishes } from './notify.ts'

function stubNotes(permission: NotificationPermission) {
  const shown: string[] = []
  class Note extends EventTarget {
    static permission = permission
    static requestPermission = async () => permission
    constructor(_title: string, { body }: { body: string }) {
      super()
      shown.push(body)
    }
  }
  vi.stubGlobal('Notification', Note)
  return shown
}

afterEach(() => {
  vi.unstubAllGlobals()
  localStorage.clear()
})

test('nothing is told before it was wished', () => {
  const shown = stubNotes('granted')
  expect(wishes()).toEqual({ note: false, sound: false })
  tellReady('Your video is ready.')
  expect(shown).toEqual([])
})

test('a note is shown where it was wished and is let through', () => {
  keepWishes({ note: true, sound: false })
  const shown = stubNotes('granted')
  tellReady('Your video is ready.')
  expect(shown).toEqual(['Your video is ready.'])
})

test.each([
  ['granted', true],
  ['denied', false],
  ['default', false],
] as const)('asked and %s, notes come: %s', async (permission, come) => {
  stubNotes(permission)
  expect(await askForNotes()).toBe(come)
})

test('a browser without notes or sound stops nothing', async () => {
  keepWishes({ note: true, sound: true })
  tellReady('Your video is ready.')
  expect(await askForNotes()).toBe(false)
})
