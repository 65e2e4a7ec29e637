import { Copy } from './Copy.tsx'

type CodeProps = { text: string; of: string }

/** A name or id in type of equal width, with its copy button. It breaks anywhere. */
export function Code({ text, of }: CodeProps) {
  return (
    <span className="inline-flex max-w-full items-center gap-0.5">
      <code className="min-w-0 font-mono text-xs break-all">{text}</code>
      <Copy text={text} of={of} />
    </span>
  )
}
