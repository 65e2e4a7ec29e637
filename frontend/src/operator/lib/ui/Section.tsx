import { useId, type ReactNode } from 'react'

type SectionProps = {
  title: string
  /** Beside the title. */
  beside?: ReactNode
  testId?: string
  children: ReactNode
}

/** A part of a page, with its heading. */
export function Section({ title, beside, testId, children }: SectionProps) {
  const id = useId()
  return (
    <section aria-labelledby={id} data-testid={testId} className="min-w-0 space-y-2">
      <div className="flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1">
        <h2 id={id} className="text-[13px] font-semibold">
          {title}
        </h2>
        {beside}
      </div>
      {children}
    </section>
  )
}
