import { CircleAlert, RotateCcw, TriangleAlert, X } from 'lucide-react'

import { cx } from '../../lib/cx.ts'
import { ROLES, type RoleId } from '../../lib/roles.ts'
import { ChipThumb } from './ChipThumb.tsx'
import type { Chip } from './draft.ts'
import { RoleMenu } from './RoleMenu.tsx'

type FileChipProps = {
  chip: Chip
  /** Whether the present mode makes use of it. */
  used: boolean
  onRole: (role: RoleId) => void
  onRetry: () => void
  onRemove: () => void
}

const BUTTON =
  'grid w-9 shrink-0 place-items-center rounded-lg text-muted transition-colors duration-150 hover:bg-line/70 hover:text-ink'

export function FileChip({ chip, used, onRole, onRetry, onRemove }: FileChipProps) {
  const { status } = chip
  const failed = status.state === 'failed'
  const { label } = ROLES[chip.role]
  return (
    <li
      data-testid={`chip-${chip.role}`}
      data-state={status.state}
      data-used={used}
      className={cx(
        'flex h-14 max-w-full min-w-0 rounded-chip border bg-raised p-1.25 sm:max-w-68',
        failed ? 'border-bad' : used ? 'border-line' : 'border-warn',
      )}
    >
      <ChipThumb chip={chip} />
      <span className="flex min-w-0 flex-1 flex-col justify-center pl-2.5">
        <RoleMenu chip={chip} onRole={onRole} />
        <span
          className={cx(
            'flex min-w-0 items-center gap-1 text-xs',
            failed ? 'text-bad' : used ? 'text-muted' : 'text-warn',
          )}
        >
          {failed && <CircleAlert size={12} className="shrink-0" aria-hidden />}
          {!failed && !used && <TriangleAlert size={12} className="shrink-0" aria-hidden />}
          <span className="truncate" title={chip.name}>
            {words(chip, used)}
          </span>
        </span>
      </span>
      {failed && status.passing && (
        <button
          type="button"
          className={cx(BUTTON, 'text-ink')}
          aria-label={`Retry ${label}`}
          onClick={onRetry}
        >
          <RotateCcw size={16} aria-hidden />
        </button>
      )}
      <button type="button" className={BUTTON} aria-label={`Remove ${label}`} onClick={onRemove}>
        <X size={16} aria-hidden />
      </button>
    </li>
  )
}

function words({ status, name }: Chip, used: boolean): string {
  if (status.state === 'failed') return status.passing ? 'Not uploaded' : 'Does not work'
  if (!used) return 'Not used in this mode'
  if (status.state === 'ready') return name
  return status.sent < 1 ? `${Math.round(status.sent * 100)} % sent` : 'Reading'
}
