import { afterEach, expect, test, vi } from 'vitest'

import { keep, leaveTab, recall } from './stored.ts'

afterEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

test('what is kept comes back, each on its shelf', () => {
  keep('localStorage', 'open', true)
  expect(recall('localStorage', 'open')).toBe(true)
  expect(recall('sessionStorage', 'open')).toBeNull()
})

test('what another version left unreadable counts as nothing', () => {
  localStorage.setItem('animatrix.open', '{')
  expect(recall('localStorage', 'open')).toBeNull()
})

test('a browser that refuses its storage stops nothing', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('', 'QuotaExceededError')
  })
  vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
    throw new DOMException('', 'SecurityError')
  })
  keep('localStorage', 'open', true)
  expect(recall('localStorage', 'open')).toBeNull()
})

test('what is still going on in a tab that was left keeps nothing there', () => {
  keep('sessionStorage', 'draft', 'mine')
  keep('localStorage', 'open', true)
  leaveTab()
  keep('sessionStorage', 'draft', 'mine')
  expect(recall('sessionStorage', 'draft')).toBeNull()
  expect(recall('localStorage', 'open')).toBe(true)
})
