import { useEffect, type ReactNode } from 'react'

type PageHeaderProps = {
  /** Of the page and of the browser's tab. */
  title: string
  /** Beside the title: a badge, a copy button. */
  beside?: ReactNode
  /** A sentence under the title. */
  hint?: ReactNode
  /** Buttons, at the end of the line. */
  actions?: ReactNode
}

export function PageHeader({ title, beside, hint, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · Animatrix operators`
  }, [title])

  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <h1 className="min-w-0 text-lg font-semibold tracking-tight">{title}</h1>
      {beside}
      {actions && <div className="ml-auto flex flex-wrap gap-2">{actions}</div>}
      {hint && <p className="basis-full text-[13px] text-muted">{hint}</p>}
    </header>
  )
}
