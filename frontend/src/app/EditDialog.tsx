import { lazy, Suspense } from 'react'

import { useFreshAsset } from '../api/assets.ts'
import type { Asset } from '../api/types.ts'
import type { Chip } from '../features/composer/draft.ts'
import type { Edit, Editing } from '../features/composer/edit.ts'
import type { DraftControl } from '../features/composer/useDraft.ts'

const FrameDialog = lazy(() => import('../features/framing/FrameDialog.tsx'))
const PersonDialog = lazy(() => import('../features/person/PersonDialog.tsx'))
const PosesDialog = lazy(() => import('../features/poses/PosesDialog.tsx'))
const TrimDialog = lazy(() => import('../features/trim/TrimDialog.tsx'))

/** In seconds, what a video may have at most in any quality. */
const LONGEST_S = 600

type EditDialogProps = { control: DraftControl; editing: Editing; onClose: () => void }

/** The dialog a file of the draft is edited in. */
export default function EditDialog(props: EditDialogProps) {
  return (
    <Suspense>
      {props.editing.tool === 'poses' ? <Poses {...props} /> : <OfOne {...props} />}
    </Suspense>
  )
}

type OfChipProps = EditDialogProps & { chip: Chip; known: Asset }

function OfOne({ control, editing, onClose }: EditDialogProps) {
  const chip = control.draft.chips.find(({ id }) => editing.tool !== 'poses' && editing.id === id)
  const asset = chip && assetOf(chip)
  return chip && asset ? <OfChip {...{ control, editing, onClose, chip }} known={asset} /> : null
}

function OfChip({ control, editing, onClose, chip, known }: OfChipProps) {
  const { draft, dispatch } = control
  const asset = useFreshAsset(known)
  const edit = (part: Partial<Edit>) => dispatch({ do: 'edit', id: chip.id, part })
  const { frame, start, points } = chip.edit
  const { shape, length } = draft.settings
  switch (editing.tool) {
    case 'frame':
      return (
        <FrameDialog
          {...{ asset, shape, frame, onClose, preview: chip.preview }}
          onFrame={(frame) => edit({ frame })}
        />
      )
    case 'person':
      return (
        <PersonDialog
          {...{ asset, start, points, onClose }}
          onPoints={(points) => edit({ points })}
        />
      )
    case 'trim':
      return (
        <TrimDialog
          {...{ asset, onClose }}
          trim={{ start, length: editing.length ?? (Number(length) || null) }}
          longest={editing.longest ?? LONGEST_S}
          onTrim={({ start, length }) => {
            edit({ start })
            dispatch({ do: 'settings', part: { length: length?.toString() ?? '' } })
          }}
        />
      )
    case 'poses':
      return null
  }
}

function Poses({ control, onClose }: EditDialogProps) {
  const { draft, dispatch } = control
  const poses = draft.chips
    .filter(({ role }) => role === 'pose-sheet')
    .map((chip) => ({
      id: chip.id,
      name: chip.name,
      picture: chip.preview ?? assetOf(chip)?.thumbnail_url ?? null,
      hint: chip.edit.hint,
    }))
  return (
    <PosesDialog
      {...{ poses, onClose }}
      onHints={(hints) => {
        for (const [id, hint] of Object.entries(hints)) dispatch({ do: 'edit', id, part: { hint } })
      }}
    />
  )
}

function assetOf({ status }: Chip): Asset | undefined {
  return status.state === 'ready' ? status.asset : undefined
}
