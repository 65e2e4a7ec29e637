import { Suspense } from 'react'
import { Link } from 'wouter'

import { Logo } from '../../components/Logo.tsx'
import { FindJob } from './FindJob.tsx'
import { PageLink } from './PageLink.tsx'
import { PAGES } from './pages.ts'
import { HealthStrip } from './parts.tsx'
import { Whoami } from './Whoami.tsx'

/** Where one is and can go, and the way to a job that somebody asks about. */
export function Header() {
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex w-full max-w-[100rem] flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5 sm:px-5">
        <Link href="/" className="flex items-center gap-2 rounded-lg pr-1">
          <Logo />
          <span className="font-semibold tracking-tight">Operators</span>
        </Link>
        <nav aria-label="Pages" className="flex min-w-0 flex-wrap gap-x-0.5">
          {PAGES.map(({ href, name }) => (
            <PageLink key={href} href={href} name={name} />
          ))}
        </nav>
        <FindJob />
        <Suspense>
          <HealthStrip />
        </Suspense>
        <Whoami />
      </div>
    </header>
  )
}
