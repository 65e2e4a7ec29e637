import { ChevronDown } from 'lucide-react'

import { Menu } from '../../components/Menu.tsx'
import { MenuItem } from '../../components/MenuItem.tsx'
import { RoleIcon } from '../../components/RoleIcon.tsx'
import { ROLES, rolesOf, type RoleId } from '../../lib/roles.ts'
import type { Chip } from './draft.ts'

const HINTS: Partial<Record<RoleId, string>> = {
  'ground-truth': 'The character of your video.',
  reference: 'More looks of it. A hint only.',
  'pose-sheet': 'Poses to lean on. A hint only.',
}

/** A chip's role; a menu where its file could have another one. */
export function RoleMenu({ chip, onRole }: { chip: Chip; onRole: (role: RoleId) => void }) {
  const roles = rolesOf(chip.kind)
  const { label } = ROLES[chip.role]
  if (roles.length < 2) return <span className="max-w-full truncate font-medium">{label}</span>
  return (
    <Menu
      label="Use this picture as"
      testId={`role-menu-${chip.role}`}
      buttonClass="-ml-1.5 flex min-h-6 max-w-full items-center gap-1 rounded-md px-1.5 text-left font-medium hover:bg-line/70"
      items={roles.map((role) => (
        <MenuItem
          key={role}
          icon={<RoleIcon role={role} />}
          title={ROLES[role].label}
          hint={HINTS[role]}
          checked={role === chip.role}
          onChoose={() => onRole(role)}
        />
      ))}
    >
      <span className="truncate">{label}</span>
      <ChevronDown size={14} className="shrink-0 text-muted" aria-hidden />
    </Menu>
  )
}
