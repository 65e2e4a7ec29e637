import { expect, test } from 'vitest'

import { diffHref, soughtAddress } from './sought.ts'

const JOB = '0a1b2c3d-4e5f-4a5b-8c7d-9e0f1a2b3c4d'
const PROMPT = '0a1b2c3d-4e5f-5a5b-8c7d-9e0f1a2b3c4d'

test.each([
  [JOB, `/jobs/${JOB}`],
  [` ${JOB.toUpperCase()} `, `/jobs/${JOB}`],
  [PROMPT, `/jobs?prompt_id=${PROMPT}`],
  ['F-0A1B2C3D', '/jobs?job_id=F-0A1B2C3D'],
  ['0a1b2c', '/jobs?job_id=0a1b2c'],
  ['facade', '/jobs?search=facade'],
  ['a red coat & hat', '/jobs?search=a+red+coat+%26+hat'],
])('%s leads to %s', (sought, address) => {
  expect(soughtAddress(sought)).toBe(address)
})

test('a comparison has both ids in its address', () => {
  expect(diffHref(JOB, PROMPT.toUpperCase())).toBe(`/jobs/${JOB}/diff/${PROMPT}`)
})
