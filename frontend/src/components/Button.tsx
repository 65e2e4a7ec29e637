import type { ComponentProps } from 'react'

import { cx } from '../lib/cx.ts'

type ButtonProps = ComponentProps<'button'> & { look?: 'primary' | 'outline' | 'quiet' }

const LOOKS = {
  primary:
    'bg-accent text-on-accent font-semibold hover:bg-accent/90 disabled:bg-raised disabled:text-muted',
  outline:
    'border border-line bg-raised/60 hover:bg-raised hover:border-control disabled:text-muted',
  quiet: 'text-muted hover:bg-raised hover:text-ink aria-expanded:bg-raised aria-expanded:text-ink',
}

export function Button({ look = 'outline', className, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={cx(
        'inline-flex min-h-11 max-w-full items-center justify-center gap-2 rounded-chip px-3 font-medium sm:whitespace-nowrap',
        'transition-colors duration-150',
        LOOKS[look],
        className,
      )}
      {...rest}
    />
  )
}
