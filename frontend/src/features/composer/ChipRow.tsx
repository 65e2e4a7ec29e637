import { MODES, takesRole } from '../../lib/modes.ts'
import { AddMenu } from './AddMenu.tsx'
import { FileChip } from './FileChip.tsx'
import { GhostChip } from './GhostChip.tsx'
import type { DraftControl } from './useDraft.ts'
import type { FilePicker } from './useFilePicker.tsx'

/** The files of a draft, the places of those it still needs, and the one input they come through. */
export function ChipRow({ control, picker }: { control: DraftControl; picker: FilePicker }) {
  const { draft, dispatch, retry, remove } = control
  const missing = MODES[draft.mode].needs.filter(
    (role) => !draft.chips.some((chip) => chip.role === role),
  )

  return (
    <div className="flex flex-wrap gap-2">
      {picker.input}
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
          <GhostChip key={role} role={role} onPick={() => picker.pick(role)} />
        ))}
      </ul>
      <AddMenu mode={draft.mode} onPick={picker.pick} />
    </div>
  )
}
