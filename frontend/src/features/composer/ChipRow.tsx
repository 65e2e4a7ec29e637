import { useRef } from 'react'

import { MODES, takesRole } from '../../lib/modes.ts'
import { ACCEPT, ACCEPT_ALL, ROLES, type RoleId } from '../../lib/roles.ts'
import { AddMenu } from './AddMenu.tsx'
import { FileChip } from './FileChip.tsx'
import { GhostChip } from './GhostChip.tsx'
import type { DraftControl } from './useDraft.ts'

/** The files of a draft, the places of those it still needs, and the one input they come through. */
export function ChipRow({ control }: { control: DraftControl }) {
  const { draft, dispatch, addFiles, retry, remove } = control
  const input = useRef<HTMLInputElement>(null)
  const asked = useRef<RoleId>(undefined)
  const missing = MODES[draft.mode].needs.filter(
    (role) => !draft.chips.some((chip) => chip.role === role),
  )

  const pick = (role?: RoleId) => {
    if (input.current === null) return
    asked.current = role
    input.current.accept = role ? ACCEPT[ROLES[role].kind] : ACCEPT_ALL
    input.current.multiple = role === undefined || ROLES[role].most > 1
    input.current.click()
  }

  return (
    <div className="flex flex-wrap gap-2">
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept={ACCEPT_ALL}
        data-testid="file-input"
        onChange={(event) => {
          addFiles(Array.from(event.target.files ?? []), asked.current)
          asked.current = undefined
          // The same file chosen again must count as a change.
          event.target.value = ''
        }}
      />
      <ul className="contents">
        {draft.chips.map((chip) => (
          <FileChip
            key={chip.id}
            chip={chip}
            used={takesRole(draft.mode, chip.role)}
            onRole={(role) => dispatch({ do: 'role', id: chip.id, role })}
            onRetry={() => retry(chip.id)}
            onRemove={() => remove(chip.id)}
          />
        ))}
        {missing.map((role) => (
          <GhostChip key={role} role={role} onPick={() => pick(role)} />
        ))}
      </ul>
      <AddMenu mode={draft.mode} onPick={pick} />
    </div>
  )
}
