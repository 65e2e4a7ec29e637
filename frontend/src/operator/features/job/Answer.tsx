import { Copy } from '../../lib/ui/index.ts'

/** What a backend said last of an attempt, to be unfolded. */
export function Answer({ text }: { text: string }) {
  return (
    <details className="text-xs text-muted">
      <summary className="min-h-6 py-0.5 hover:text-ink">Answer of the backend</summary>
      <Copy text={text} of="answer" worded />
      <code className="block font-mono break-words whitespace-pre-wrap">{text}</code>
    </details>
  )
}
