import { expect, test } from 'vitest'

import { rightsWords, scopesOf } from './rights.ts'

test.each([
  ['read', 'See'],
  ['make', 'See and make'],
] as const)('a token with the right to %s is told of as %j', (rights, words) => {
  expect(rightsWords(scopesOf(rights) ?? [], undefined)).toBe(words)
})

test('all rights are asked for by naming none', () => {
  expect(scopesOf('all')).toBeNull()
})
