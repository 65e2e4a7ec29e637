import { expect, test } from 'vitest'

import { lengthFault, partsFault, variationFault } from './settingsFaults.ts'

test.each([
  ['', true],
  ['4', true],
  ['4.5', true],
  ['0', false],
  ['601', false],
  ['soon', false],
])('length %j is fine: %s', (length, fine) => {
  expect(lengthFault({ length }) === null).toBe(fine)
})

test.each([
  ['', true],
  ['0', true],
  ['9007199254740991', true],
  ['9007199254740992', false],
  ['-1', false],
  ['1.5', false],
])('variation number %j is fine: %s', (variation, fine) => {
  expect(variationFault({ variation }) === null).toBe(fine)
})

test.each([
  ['', true],
  ['0', true],
  ['100', true],
  ['101', false],
  ['-1', false],
  ['two', false],
])('so many more parts, %j, are fine: %s', (parts, fine) => {
  expect(partsFault({ parts }) === null).toBe(fine)
})
