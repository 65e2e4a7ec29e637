import { useState } from 'react'

import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { TextField } from '../../components/TextField.tsx'
import { PosePicture } from './PosePicture.tsx'

/** hint: at most 200 characters. */
export type Pose = { id: string; name: string; picture: string | null; hint: string }

type PosesDialogProps = {
  poses: Pose[]
  /** Called on Done, by the ids of the poses. */
  onHints: (hints: Record<string, string>) => void
  onClose: () => void
}

const MOST_POSES = 8
const LONGEST_HINT = 200

const EXAMPLES = [
  'the first stance',
  'arms up',
  'a turn to the left',
  'the final bow',
  'a slow walk',
  'sitting down',
  'a wave',
  'leaning back',
]

/** A line for each pose, on when and what it is for. */
export default function PosesDialog({ poses, onHints, onClose }: PosesDialogProps) {
  const [hints, setHints] = useState(() =>
    Object.fromEntries(poses.map((one) => [one.id, one.hint])),
  )

  function done() {
    const trimmed = Object.entries(hints).map(([id, hint]) => [id, hint.trim()])
    onHints(Object.fromEntries(trimmed))
    onClose()
  }

  return (
    <Dialog
      title="Describe your poses"
      hint="Poses are a hint only. The video may not match them."
      testId="poses-dialog"
      onClose={onClose}
      foot={
        <Button look="primary" className="min-w-28" onClick={done}>
          Done
        </Button>
      }
    >
      <ul className="space-y-4">
        {poses.slice(0, MOST_POSES).map(({ id, name, picture }, index) => (
          <li key={id} className="flex items-center gap-3">
            <PosePicture picture={picture} />
            <div className="min-w-0 flex-1">
              <TextField
                label={`What is pose ${index + 1} for?`}
                title={name}
                maxLength={LONGEST_HINT}
                placeholder={`Like: ${EXAMPLES[index]}`}
                value={hints[id] ?? ''}
                onChange={(hint) => setHints({ ...hints, [id]: hint })}
              />
            </div>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
