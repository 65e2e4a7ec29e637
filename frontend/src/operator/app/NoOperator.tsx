import { Empty, PageHeader } from '../lib/ui/index.ts'

export function NoOperator() {
  return (
    <main className="mx-auto max-w-xl space-y-4 p-6">
      <PageHeader title="You are not an operator" />
      <Empty>
        This console is for those who run the studio. Ask one of them, or{' '}
        <a href="/" className="text-accent underline">
          go to the studio
        </a>
        .
      </Empty>
    </main>
  )
}
