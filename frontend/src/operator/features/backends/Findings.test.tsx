import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'

import { render } from '../../../test/render.tsx'
import type { Admin } from '../../api.ts'
import { Findings } from './Findings.tsx'

const DRIFT: Admin<'Finding'> = {
  kind: 'changed_version',
  severity: 'warning',
  message: 'It was 0.3.60 and is 0.3.64.',
  to_do: 'Check that its custom nodes fit.',
  since: '2026-11-23T08:30:00Z',
}
const DEAD: Admin<'Finding'> = {
  kind: 'dead_executor',
  severity: 'serious',
  message: 'Nothing runs, and a prompt waits.',
  to_do: 'Restart it.',
  since: '2026-11-23T08:50:00Z',
}

test('what is serious comes first, each with what to do', () => {
  render(<Findings findings={[DRIFT, DEAD]} />)
  const [first, second] = screen.getAllByRole('listitem')
  expect(first).toHaveTextContent(/dead executor.*Nothing runs.*What to do: Restart it/)
  expect(second).toHaveTextContent(/changed version.*Check that its custom nodes fit/)
})
