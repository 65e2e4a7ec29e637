import { expect, test } from 'vitest'

import { insertAtCaret } from './insertAtCaret.ts'

// The caret is the bar.
test.each([
  ['|', 'soft light|'],
  ['a dancer|', 'a dancer, soft light|'],
  ['a dancer, |', 'a dancer, soft light|'],
  ['a dancer.|', 'a dancer. soft light|'],
  ['|a dancer', 'soft light|, a dancer'],
  ['a dancer|, at dusk', 'a dancer, soft light|, at dusk'],
])('into %j gives %j', (from, to) => {
  const inserted = insertAtCaret(from.replace('|', ''), from.indexOf('|'), 'soft light')
  expect(inserted).toEqual({ text: to.replace('|', ''), caret: to.indexOf('|') })
})
