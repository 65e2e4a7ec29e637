import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'

import { render } from '../../../test/render.tsx'
import type { Admin } from '../../api.ts'
import { AuditPage } from './AuditPage.tsx'

function lineOf(why: string): Admin<'AuditLine'> {
  return {
    audit_id: why,
    at: '2026-11-23T08:30:00Z',
    who: 'ann',
    action: 'backend.cordon',
    subject: 'backend/gpu-1:8188',
    before: { state: 'offered' },
    after: { state: 'cordoned' },
    why,
  }
}

test('older lines come after the newer ones, with the filters of the address', async () => {
  const pages: Record<string, Admin<'AuditPage'>> = {
    '?who=ann': { items: [lineOf('The newer')], next_cursor: 'further' },
    '?who=ann&cursor=further': { items: [lineOf('The older')], next_cursor: null },
  }
  vi.stubGlobal('fetch', (request: Request) =>
    Promise.resolve(Response.json(pages[new URL(request.url).search])),
  )
  history.replaceState(null, '', '/audit?who=ann')
  render(<AuditPage />)
  await userEvent.click(await screen.findByTestId('older'))
  await screen.findByText('The older')
  const [, first, second] = screen.getAllByRole('row')
  expect(first).toHaveTextContent('The newer')
  expect(second).toHaveTextContent('The older')
  expect(screen.queryByTestId('older')).toBeNull()
})
