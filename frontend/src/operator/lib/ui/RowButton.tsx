import type { ComponentProps } from 'react'

/** A small button that lies above a row's link. */
export function RowButton(props: ComponentProps<'button'>) {
  return (
    <button
      type="button"
      className="relative inline-flex min-h-6 items-center gap-1 rounded-lg border border-line px-2 text-xs whitespace-nowrap text-muted hover:border-control hover:text-ink pointer-coarse:min-h-11"
      {...props}
    />
  )
}
