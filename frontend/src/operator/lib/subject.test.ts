import { expect, test } from 'vitest'

import { subjectHref } from './subject.ts'

test.each([
  ['job/0a1b2c3d', '/jobs/0a1b2c3d'],
  ['backend/gpu-1:443/comfy', '/backends?backend=gpu-1%3A443%2Fcomfy'],
  ['template/animate/move', '/templates?template=animate%2Fmove'],
  ['retention/0a1b2c3d', '/storage'],
])('%s leads to %s', (subject, href) => {
  expect(subjectHref(subject)).toBe(href)
})
