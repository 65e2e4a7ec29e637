import type { ReactNode } from 'react'

type FactsProps = { children: ReactNode }

/** Facts one under the other, their names in a column. */
export function Facts({ children }: FactsProps) {
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] items-baseline gap-x-4 gap-y-1 text-[13px]">
      {children}
    </dl>
  )
}

type FactProps = { name: string; testId?: string; children: ReactNode }

export function Fact({ name, testId, children }: FactProps) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd data-testid={testId} className="min-w-0 break-words">
        {children}
      </dd>
    </>
  )
}
