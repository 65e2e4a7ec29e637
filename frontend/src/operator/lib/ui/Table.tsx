import type { KeyboardEvent, ReactNode } from 'react'
import { Link } from 'wouter'

import { cx } from '../../../lib/cx.ts'
import { Empty } from './Rest.tsx'

export type Column<Row> = {
  head: string
  cell: (row: Row) => ReactNode
  /** Numbers stand at the end of their column. */
  atEnd?: boolean
  /** For words that are long: they break, and the column has at least this class's width. */
  className?: string
}

type TableProps<Row> = {
  /** What the table lists; read aloud, not shown. */
  caption: string
  columns: Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  /** Where a press anywhere on the row leads; the first cell is the link. */
  rowHref?: (row: Row) => string
  /** What is said when there are no rows. */
  empty: ReactNode
  testId?: string
}

/** A dense table. It scrolls within itself; its heads stay. Arrow keys go from row to row. */
export function Table<Row>(props: TableProps<Row>) {
  const { caption, columns, rows, rowKey, rowHref, empty, testId } = props
  if (rows.length === 0)
    return <Empty testId={testId ? `${testId}-empty` : undefined}>{empty}</Empty>
  return (
    <section
      aria-label={caption}
      // What scrolls can be reached with keys.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="relative max-h-[70dvh] overflow-auto rounded-chip border border-line bg-surface"
    >
      <table data-testid={testId} className="w-full border-separate border-spacing-0 text-[13px]">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, atEnd }) => (
              <th
                key={head}
                scope="col"
                className={cx(
                  'sticky top-0 z-10 border-b border-line bg-raised px-3 py-1.5 text-xs font-medium whitespace-nowrap text-muted',
                  atEnd ? 'text-right' : 'text-left',
                )}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={rowHref && moveFocus}>
          {rows.map((row) => (
            <TableRow key={rowKey(row)} columns={columns} row={row} href={rowHref?.(row)} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

type RowProps<Row> = { columns: Column<Row>[]; row: Row; href: string | undefined }

/** Buttons and links in a row with a link need the class `relative` to lie above it. */
function TableRow<Row>({ columns, row, href }: RowProps<Row>) {
  return (
    <tr className={cx('group/row', href && 'relative hover:bg-raised/60')}>
      {columns.map(({ head, cell, atEnd, className }, index) => (
        <td
          key={head}
          className={cx(
            'border-b border-line/60 px-3 py-1.5 align-top group-last/row:border-b-0',
            atEnd && 'text-right tabular-nums',
            className,
          )}
        >
          {index === 0 && href ? (
            <Link
              href={href}
              data-row
              className="font-medium text-ink after:absolute after:inset-0 hover:text-accent"
            >
              {cell(row)}
            </Link>
          ) : (
            cell(row)
          )}
        </td>
      ))}
    </tr>
  )
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('a[data-row]')]
  const at = links.indexOf(event.target as HTMLElement)
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key]
  if (at === -1 || next === undefined) return
  event.preventDefault()
  links[next]?.focus()
}
