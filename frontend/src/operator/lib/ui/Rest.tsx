import type { ReactNode } from 'react'

/** Where there is nothing to show: why, and maybe what to do. */
export function Empty({ children, testId }: { children: ReactNode; testId?: string | undefined }) {
  return (
    <p
      data-testid={testId}
      className="rounded-chip border border-dashed border-line px-3 py-4 text-center text-[13px] text-muted"
    >
      {children}
    </p>
  )
}

/** While the first answer is awaited. */
export function Loading({ rows = 4 }: { rows?: number }) {
  return (
    <output aria-label="Loading" className="block space-y-2">
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className="block h-8 animate-wait rounded-lg bg-raised/60" />
      ))}
    </output>
  )
}
