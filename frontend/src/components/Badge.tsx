import type { ReactNode } from 'react'

export function Badge({ children }: { children: ReactNode }) {
  return (
    <span className="inline-flex min-h-6 items-center gap-1.5 rounded-full border border-line bg-raised px-2.5 text-xs font-medium text-muted">
      {children}
    </span>
  )
}
