import { CircleAlert, TriangleAlert, X } from 'lucide-react'

import { cx } from '../../lib/cx.ts'
import { takesRole, type ModeId } from '../../lib/modes.ts'
import { ROLES, type RoleId } from '../../lib/roles.ts'
import { ChipThumb } from './ChipThumb.tsx'
import { ChipTools } from './ChipTools.tsx'
import type { Chip, Settings } from './draft.ts'
import type { Editing } from './edit.ts'
import { cropOfChip } from './request.ts'
import { RetryButton } from './RetryButton.tsx'
import { RoleMenu } from './RoleMenu.tsx'

type FileChipProps = {
  chip: Chip
  mode: ModeId
  settings: Settings
  onEdit: (editing: Editing) => void
  onRole: (role: RoleId) => void
  onRetry: () => void
  onRemove: () => void
}

const BUTTON =
  'grid min-h-11 w-9 shrink-0 place-items-center rounded-lg text-muted transition-colors duration-150 hover:bg-line/70 hover:text-ink'

export default function FileChip(props: FileChipProps) {
  const { chip, mode, settings, onEdit, onRole, onRetry, onRemove } = props
  const { status } = chip
  const used = takesRole(mode, chip.role)
  const length = Number(settings.length) || null
  const failed = status.state === 'failed'
  const { label } = ROLES[chip.role]
  return (
    <li
      data-testid={`chip-${chip.role}`}
      data-state={status.state}
      data-used={used}
      className={cx(
        'flex min-h-14 max-w-full min-w-0 flex-wrap rounded-chip border bg-raised p-1.25 max-sm:w-full',
        failed ? 'border-bad' : used ? 'border-line' : 'border-warn',
      )}
    >
      <ChipThumb
        chip={chip}
        crop={used ? cropOfChip(chip, settings) : null}
        shape={settings.shape}
      />
      <span className="flex min-w-0 flex-1 flex-col items-start justify-center pr-2 pl-2.5 sm:max-w-40">
        <RoleMenu chip={chip} onRole={onRole} />
        <span
          className={cx(
            'flex max-w-full min-w-0 items-center gap-1 text-xs',
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
      {used && !failed && <ChipTools {...{ chip, mode, length, onEdit }} />}
      {failed && status.passing && (
        <RetryButton
          label={label}
          at={status.at}
          className={cx(BUTTON, 'text-ink')}
          onRetry={onRetry}
        />
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
