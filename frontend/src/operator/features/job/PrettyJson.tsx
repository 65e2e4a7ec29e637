import { Copy } from '../../lib/ui/index.ts'

/** JSON on many lines, with a copy button. */
export function PrettyJson({ name, value }: { name: string; value: unknown }) {
  const text = JSON.stringify(value, null, 2)
  return (
    <div className="relative">
      <div className="absolute top-1 right-3">
        <Copy text={text} of={name} worded />
      </div>
      {/* What scrolls can be reached with keys. */}
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label={name}
        className="max-h-[60dvh] overflow-auto border-t border-line px-3 py-2 font-mono text-xs whitespace-pre-wrap break-words"
      >
        {text}
      </pre>
    </div>
  )
}
