import { Link, useLocation } from 'wouter'

import { cx } from '../../lib/cx.ts'

export function PageLink({ href, name }: { href: string; name: string }) {
  const [location] = useLocation()
  const present = href === '/' ? location === '/' : location.startsWith(href)
  return (
    <Link
      href={href}
      aria-current={present ? 'page' : undefined}
      className={cx(
        'inline-flex min-h-8 items-center rounded-lg px-2.5 text-[13px] pointer-coarse:min-h-11',
        present ? 'bg-raised font-medium text-ink' : 'text-muted hover:bg-raised hover:text-ink',
      )}
    >
      {name}
    </Link>
  )
}
