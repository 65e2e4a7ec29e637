import { RoleIcon } from '../../components/RoleIcon.tsx'
import { ROLES, type RoleId } from '../../lib/roles.ts'

/** The place of a file that is still needed. */
export function GhostChip({ role, onPick }: { role: RoleId; onPick: () => void }) {
  return (
    <li className="min-w-0">
      <button
        type="button"
        data-testid={`ghost-${role}`}
        onClick={onPick}
        className="flex h-14 items-center gap-2.5 rounded-chip border border-dashed border-control px-3.5 text-left font-medium text-muted transition-colors duration-150 hover:border-accent hover:text-ink"
      >
        <RoleIcon role={role} size={20} />
        {ROLES[role].ask}
      </button>
    </li>
  )
}
