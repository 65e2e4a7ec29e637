import { useState } from 'react'

import type { Asset } from '../../api/types.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'
import {
  movedTo,
  partOf,
  seconds,
  trimOf,
  useWords,
  withEnd,
  withLength,
  withStart,
  type Bounds,
  type Part,
  type Trim,
} from '../../lib/trim.ts'
import { Cuts } from './Cuts.tsx'
import { PlayButton } from './PlayButton.tsx'
import { Playback } from './Playback.tsx'
import { SecondsField } from './SecondsField.tsx'
import { TrimTrack } from './TrimTrack.tsx'
import { usePartPlayer } from './usePartPlayer.ts'

type TrimDialogProps = {
  /** A clip or a sound. */
  asset: Asset
  trim: Trim
  /** In seconds, what a video may have of it. */
  longest: number
  /** Called on Done. */
  onTrim: (trim: Trim) => void
  onClose: () => void
}

/** At the last edge stands the first picture that is not used. */
const PICTURE_S = 0.04

const ALL: Trim = { start: 0, length: null }

/** Choose the part of a clip or sound that the video uses. The file stays as it is. */
export default function TrimDialog({ asset, trim, longest, onTrim, onClose }: TrimDialogProps) {
  const bounds: Bounds = { duration: durationOf(asset), longest }
  const [part, setPart] = useState(() => partOf(trim, bounds))
  const [broken, setBroken] = useState(false)
  const player = usePartPlayer(part, bounds)
  const whole = bounds.duration <= longest

  function change(next: Part, seen: number) {
    setPart(next)
    player.show(seen)
  }

  const toStart = (next: Part) => change(next, next.start)
  const toEnd = (next: Part) => change(next, Math.max(next.start, next.end - PICTURE_S))

  function done() {
    onTrim(trimOf(part, bounds))
    onClose()
  }

  return (
    <Dialog
      title={asset.asset_type === 'video' ? 'Trim your clip' : 'Trim your sound'}
      hint="Choose the part to use. The original is kept."
      testId="trim-dialog"
      onClose={onClose}
      foot={
        <>
          <Button look="quiet" className="mr-auto" onClick={() => toStart(partOf(ALL, bounds))}>
            {whole ? 'Use all' : `Use the first ${seconds(longest)}`}
          </Button>
          <Button look="primary" className="min-w-28" onClick={done}>
            Done
          </Button>
        </>
      }
    >
      <div className="space-y-4 sm:w-[min(40rem,84vw)]">
        <Playback asset={asset} player={player} onBroken={() => setBroken(true)} />
        <TrimTrack
          asset={asset}
          part={part}
          bounds={bounds}
          line={player.line}
          onStart={(to) => toStart(withStart(part, to, bounds))}
          onEnd={(to) => toEnd(withEnd(part, to, bounds))}
          onBroken={() => setBroken(true)}
        />
        {broken && <BrokenNote checked={asset.checked} />}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <PlayButton player={player} />
          <output className="font-medium tabular-nums">{useWords(part, bounds)}</output>
        </div>
        <div className="grid grid-cols-2 gap-3">
          <SecondsField
            label="Start in seconds"
            value={part.start}
            onValue={(to) => toStart(movedTo(part, to, bounds))}
          />
          <SecondsField
            label="Length in seconds"
            value={part.end - part.start}
            onValue={(length) => toEnd(withLength(part, length, bounds))}
          />
        </div>
        {!whole && <NoteLine tone="hint">A video has up to {seconds(longest)}.</NoteLine>}
        <Cuts cuts={asset.cuts ?? []} part={part} bounds={bounds} onStart={toStart} onEnd={toEnd} />
      </div>
    </Dialog>
  )
}

function BrokenNote({ checked }: { checked: boolean }) {
  return (
    <NoteLine tone="warn">
      {checked
        ? 'We can’t show this file now. Close this and open it again.'
        : 'We are still reading this file. Try again in a moment.'}
    </NoteLine>
  )
}

function durationOf({ asset_type, duration_seconds }: Asset): number {
  if (duration_seconds === null) throw new Error(`a file of kind ${asset_type} has no length`)
  return duration_seconds
}
