import { useId, useState } from 'react'

import type { Asset } from '../../api/types.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'
import { Segmented } from '../../components/Segmented.tsx'
import {
  hasPerson,
  MOST_POINTS,
  withoutPoint,
  withPoint,
  type Mark,
  type SubjectPoint,
} from '../../lib/points.ts'
import { FrameStage } from './FrameStage.tsx'
import { StillStrip } from './StillStrip.tsx'

type PersonDialogProps = {
  /** A clip. */
  asset: Asset
  /** In seconds, where the part that is used begins; the points are on that frame. */
  start: number
  points: SubjectPoint[]
  /** Called on Done; none: the person in the middle. */
  onPoints: (points: SubjectPoint[]) => void
  onClose: () => void
}

const MARKS = [
  { value: 'on', label: 'On the person' },
  { value: 'beside', label: 'Not this' },
] as const

/** Choose the person in a clip whose place the character takes. */
export default function PersonDialog(props: PersonDialogProps) {
  const { asset, start, onPoints, onClose } = props
  const [points, setPoints] = useState(props.points)
  const [marking, setMarking] = useState<'on' | 'beside'>('on')
  const help = useId()
  const [broken, setBroken] = useState(false)
  const chosen = hasPerson(points)
  const mark: Mark = chosen && marking === 'beside' ? 0 : 1

  function done() {
    onPoints(points)
    onClose()
  }

  return (
    <Dialog
      title="Choose the person"
      hint="Your character takes this person’s place."
      testId="person-dialog"
      onClose={onClose}
      foot={
        <>
          <Button
            look="quiet"
            className="mr-auto"
            disabled={points.length === 0}
            onClick={() => setPoints([])}
          >
            Clear
          </Button>
          <Button look="primary" className="min-w-28" onClick={done}>
            Done
          </Button>
        </>
      }
    >
      <div className="space-y-4 sm:w-[min(40rem,84vw)]">
        <div>
          <FrameStage
            asset={asset}
            start={start}
            points={points}
            mark={mark}
            help={help}
            onPoints={setPoints}
            onPlace={(place) => setPoints(withPoint(points, place, mark))}
            onRemove={(index) => setPoints(withoutPoint(points, index))}
            onBroken={() => setBroken(true)}
          />
          <p id={help} className="mt-2 text-xs text-muted">
            Not right? Tap to add or remove. Arrow keys move a cross, Enter places, Delete removes.
          </p>
        </div>
        {broken && (
          <NoteLine tone="warn">
            We can’t show this clip now. Close this and open it again.
          </NoteLine>
        )}
        <output className="block font-medium">{personWords(points)}</output>
        <Segmented
          label="Your next tap is"
          choices={MARKS}
          value={mark === 1 ? 'on' : 'beside'}
          onChange={setMarking}
          disabled={!chosen}
        />
        <StillStrip asset={asset} />
      </div>
    </Dialog>
  )
}

function personWords(points: SubjectPoint[]): string {
  if (!hasPerson(points)) return 'We follow the person in the middle.'
  if (points.length >= MOST_POINTS) return `${MOST_POINTS} points are the most. Remove one to add.`
  return 'We follow the person you marked.'
}
