import { Copy } from './Copy.tsx'

type CodeProps = {
  text: string
  /** What it is: "prompt id". */
  of: string
  /** Its first part only; the whole by pointing at it, and on the clipboard. */
  short?: boolean
}

const SHORT = 8

/** A name or id in type of equal width, with its copy button. It breaks anywhere. */
export function Code({ text, of, short = false }: CodeProps) {
  return (
    <span className="inline-flex max-w-full items-center gap-0.5">
      <code title={short ? text : undefined} className="min-w-0 font-mono text-xs break-all">
        {short ? text.slice(0, SHORT) : text}
      </code>
      <Copy text={text} of={of} />
    </span>
  )
}
