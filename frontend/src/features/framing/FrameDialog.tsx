import { useState } from 'react'

import type { Asset } from '../../api/types.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import {
  frameOnFace,
  keptPart,
  largestFace,
  MIDDLE,
  type Frame,
  type Shape,
  type Size,
} from '../../lib/frame.ts'
import { CropStage } from './CropStage.tsx'
import { KeptNote } from './KeptNote.tsx'
import { MoveButtons } from './MoveButtons.tsx'
import { zoomTo } from './moves.ts'
import { useFrame, type ChangeFrame } from './useFrame.ts'
import { ZoomSlider } from './ZoomSlider.tsx'

type FrameDialogProps = {
  /** A picture. */
  asset: Asset
  /** The file itself, from this browser. */
  preview: string | null
  shape: Shape
  frame: Frame | null
  /** Called on Done; null keeps the middle of the whole picture. */
  onFrame: (frame: Frame | null) => void
  onClose: () => void
}

/** Choose the part of the character's picture that the video shows. The picture stays as it is. */
export default function FrameDialog(props: FrameDialogProps) {
  const { asset, preview, shape, onFrame, onClose } = props
  const size = sizeOf(asset)
  const { frame, shown, setFrame, change } = useFrame(props.frame, size, shape)
  const [said, setSaid] = useState('')

  function centre() {
    const faces = asset.faces?.[0]
    const face = largestFace(faces ?? [])
    setFrame(face ? frameOnFace(face, size, shape) : MIDDLE)
    setSaid(asset.checked && faces?.length === 0 ? 'No face found. You see the middle.' : '')
  }

  const step: ChangeFrame = (next) => {
    change(next)
    setSaid('')
  }

  function reset() {
    setFrame(null)
    setSaid('')
  }

  function done() {
    onFrame(frame)
    onClose()
  }

  return (
    <Dialog
      title="Frame your character"
      hint="Drag or zoom. The original is kept."
      testId="frame-dialog"
      onClose={onClose}
      foot={
        <>
          <Button look="quiet" className="mr-auto" disabled={frame === null} onClick={reset}>
            Reset
          </Button>
          <Button look="primary" className="min-w-28" onClick={done}>
            Done
          </Button>
        </>
      }
    >
      <CropStage
        // Where a browser may not show a file upright as the server reads it, the server drew a copy.
        picture={asset.proxy_url ?? preview ?? asset.storage_url}
        size={size}
        shape={shape}
        frame={shown}
        onChange={step}
      />
      <ZoomSlider zoom={shown.zoom} onZoom={(zoom) => step(zoomTo(zoom))} />
      <MoveButtons onChange={step} onCentre={centre} />
      <KeptNote kept={keptPart(shown, size, shape)} size={size} said={said} />
    </Dialog>
  )
}

function sizeOf({ asset_type, width, height }: Asset): Size {
  if (width === null || height === null) throw new Error(`a file of kind ${asset_type} has no size`)
  return { width, height }
}
