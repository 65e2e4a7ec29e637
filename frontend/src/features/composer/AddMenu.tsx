import { Files, Lock, Plus } from 'lucide-react'

import { Menu } from '../../components/Menu.tsx'
import { MenuItem } from '../../components/MenuItem.tsx'
import { RoleIcon } from '../../components/RoleIcon.tsx'
import { MODES, needsRole, type ModeId } from '../../lib/modes.ts'
import { ROLES, type RoleId } from '../../lib/roles.ts'

/** onPick: choose files for a role, or several files whose roles are guessed. */
type AddMenuProps = { mode: ModeId; onPick: (role?: RoleId) => void }

/** The plus button: the files the mode takes, needed ones first. */
export function AddMenu({ mode, onPick }: AddMenuProps) {
  return (
    <Menu
      label="Add files"
      testId="add-file"
      buttonClass="grid size-14 shrink-0 place-items-center rounded-chip border border-line bg-raised/60 text-muted transition-colors duration-150 hover:border-control hover:bg-raised hover:text-ink"
      items={
        <>
          {MODES[mode].takes.map((role) => (
            <MenuItem
              key={role}
              icon={<RoleIcon role={role} />}
              title={ROLES[role].label}
              hint={hint(mode, role)}
              testId={`add-${role}`}
              onChoose={() => onPick(role)}
            />
          ))}
          <MenuItem
            icon={<Files size={18} aria-hidden />}
            title="Several files"
            hint="They are sorted for you."
            testId="add-several"
            onChoose={() => onPick()}
          />
        </>
      }
      footer={
        <p className="mt-2 flex items-center gap-2 border-t border-line px-3 pt-2.5 pb-1 text-xs text-muted">
          <Lock size={12} aria-hidden /> Only you can see your files.
        </p>
      }
    >
      <Plus size={20} aria-hidden />
      <span className="sr-only">Add files</span>
    </Menu>
  )
}

function hint(mode: ModeId, role: RoleId): string {
  if (needsRole(mode, role)) return 'Needed'
  return `Optional, up to ${ROLES[role].most}. A hint only.`
}
