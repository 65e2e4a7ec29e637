import type { ReactNode } from 'react'
import { Link } from 'wouter'

/** A link within the console; in a table it lies above the row's own. */
export function AppLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link
      href={href}
      className="relative inline-flex min-h-6 items-center underline decoration-line underline-offset-2 hover:text-accent hover:decoration-accent"
    >
      {children}
    </Link>
  )
}
