import { expect, test } from 'vitest'

import type { Admin } from '../api.ts'
import { otherVersions, splitTemplate } from './template.ts'

test('a template is its id and its version', () => {
  expect(splitTemplate('animate/move@1.0.0')).toEqual({
    template_id: 'animate/move',
    version: '1.0.0',
  })
})

test("a replay offers the other versions of the job's own template", () => {
  const versions = ['1.1.0', '1.0.0'].map((version) => ({ version }))
  const templates = [
    { template_id: 'animate/mix', active_version: '1.0.0', versions },
    { template_id: 'animate/move', active_version: '1.1.0', versions },
  ] as Admin<'AdminTemplate'>[]
  expect(otherVersions(templates, 'animate/move@1.0.0')).toEqual([
    { value: '1.1.0', label: '1.1.0, active' },
  ])
})
