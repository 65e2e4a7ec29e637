import { lazy, Suspense } from 'react'

import { MODES } from '../../lib/modes.ts'
import { AddMenu } from './AddMenu.tsx'
import type { Editing } from './edit.ts'
import { GhostChip } from './GhostChip.tsx'
import type { DraftControl } from './useDraft.ts'
import type { FilePicker } from './useFilePicker.tsx'

const FileChip = lazy(() => import('./FileChip.tsx'))

type ChipRowProps = {
  control: DraftControl
  picker: FilePicker
  onEdit: (editing: Editing) => void
}

/** The files of a draft, the places of those it still needs, and the one input they come through. */
export function ChipRow({ control, picker, onEdit }: ChipRowProps) {
  const { draft, dispatch, retry, remove } = control
  const missing = MODES[draft.mode].needs.filter(
    (role) => !draft.chips.some((chip) => chip.role === role),
  )

  return (
    <div className="flex flex-wrap gap-2">
      {picker.input}
      <ul className="contents">
        {draft.chips.map((chip) => (
          <Suspense key={chip.id} fallback={<ChipPlace />}>
            <FileChip
              chip={chip}
              mode={draft.mode}
              settings={draft.settings}
              onEdit={onEdit}
              onRole={(role) => dispatch({ do: 'role', id: chip.id, role })}
              onRetry={() => retry(chip.id)}
              onRemove={() => remove(chip.id)}
            />
          </Suspense>
        ))}
        {missing.map((role) => (
          <GhostChip key={role} role={role} onPick={() => picker.pick(role)} />
        ))}
      </ul>
      <AddMenu mode={draft.mode} onPick={picker.pick} />
    </div>
  )
}

/** As large as a chip, more or less: with its tools under it on phones. */
function ChipPlace() {
  return (
    <li className="h-14 w-72 max-w-full rounded-chip border border-line bg-raised max-sm:h-25 max-sm:w-full" />
  )
}
