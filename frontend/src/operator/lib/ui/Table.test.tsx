import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'

import { render } from '../../../test/render.tsx'
import { Table, type Column } from './Table.tsx'

const COLUMNS: Column<string>[] = [
  { head: 'Job', cell: (name) => name },
  { head: 'Letters', atEnd: true, cell: (name) => name.length },
]

function show(rows: string[]) {
  render(
    <Table
      caption="Jobs"
      columns={COLUMNS}
      rows={rows}
      rowKey={(name) => name}
      rowHref={(name) => `/jobs/${name}`}
      empty="There are none."
    />,
  )
}

test('arrow keys go from row to row and stay at the ends', async () => {
  show(['one', 'three'])
  const [first, last] = screen.getAllByRole('link')
  first?.focus()
  await userEvent.keyboard('{ArrowDown}')
  expect(last).toHaveFocus()
  await userEvent.keyboard('{ArrowDown}')
  expect(last).toHaveFocus()
  await userEvent.keyboard('{ArrowUp}{ArrowUp}')
  expect(first).toHaveFocus()
})

test('the first cell leads to where the row leads', () => {
  show(['one'])
  expect(screen.getByRole('link', { name: 'one' })).toHaveAttribute('href', '/jobs/one')
  expect(screen.getByRole('columnheader', { name: 'Letters' })).toBeVisible()
})

test('without rows it says so', () => {
  show([])
  expect(screen.getByText('There are none.')).toBeVisible()
  expect(screen.queryByRole('table')).toBeNull()
})
