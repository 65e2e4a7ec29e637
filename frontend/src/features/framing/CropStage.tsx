import { useId, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react'
import Cropper, { type Point } from 'react-easy-crop'

import { NoteLine } from '../../components/NoteLine.tsx'
import { MAX_ZOOM, MIDDLE, RATIOS, type Frame, type Shape, type Size } from '../../lib/frame.ts'
import { HeadRoom } from './HeadRoom.tsx'
import { stepOfKey, zoomBy, zoomTo } from './moves.ts'
import type { ChangeFrame } from './useFrame.ts'
import './framing.css'

type CropStageProps = {
  picture: string
  size: Size
  shape: Shape
  frame: Frame
  onChange: ChangeFrame
}

/** Of a wheel, for twice the zoom. */
const WHEEL_PIXELS = 500

/** The picture under a window of the shape, to be moved by hand or by key. */
export function CropStage({ picture, size, shape, frame, onChange }: CropStageProps) {
  const id = useId()
  const dragged = useRef(false)
  /** On the screen, unzoomed. */
  const [drawn, setDrawn] = useState<Size>({ width: 0, height: 0 })
  const [broken, setBroken] = useState(false)
  const ratio = RATIOS[shape]
  const scale = { x: drawn.width * frame.zoom, y: drawn.height * frame.zoom }

  function place(crop: Point) {
    // It also tells where it believes the picture is after zooms and resizes; the frame knows.
    if (!dragged.current) return
    onChange((from) => ({ ...from, x: 0.5 - crop.x / scale.x, y: 0.5 - crop.y / scale.y }))
  }

  function wheel(event: WheelEvent): boolean {
    event.preventDefault()
    onChange(zoomBy(2 ** (-event.deltaY / WHEEL_PIXELS)))
    return false
  }

  function key(event: KeyboardEvent) {
    const step = stepOfKey(event)
    if (!step) return
    event.preventDefault()
    onChange(step)
  }

  return (
    <>
      <div
        ref={focusOnOpen}
        role="application"
        aria-label="Your picture in the frame"
        aria-describedby={id}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        data-testid="frame-stage"
        className="stage mt-0.5 grid h-[clamp(12rem,92dvh-24rem,28rem)] place-items-center overflow-hidden rounded-chip bg-stage p-4 outline-offset-0"
        onKeyDown={key}
        onPointerDown={(event) => event.currentTarget.focus({ preventScroll: true })}
      >
        <div className="true-shape relative" style={{ '--shape': ratio } as CSSProperties}>
          <Cropper
            image={picture}
            aspect={ratio}
            objectFit={size.width / size.height > ratio ? 'vertical-cover' : 'horizontal-cover'}
            crop={{ x: (0.5 - frame.x) * scale.x, y: (0.5 - frame.y) * scale.y }}
            zoom={frame.zoom}
            minZoom={MIDDLE.zoom}
            maxZoom={MAX_ZOOM}
            showGrid={false}
            disableAutomaticStylesInjection
            mediaProps={{ alt: '', onError: () => setBroken(true) }}
            cropperProps={{ tabIndex: -1 }}
            classes={{
              containerClassName: 'overflow-visible cursor-grab active:cursor-grabbing',
              cropAreaClassName: 'border-ink/60 text-stage/70',
            }}
            setMediaSize={setDrawn}
            onInteractionStart={() => {
              dragged.current = true
            }}
            onInteractionEnd={() =>
              // The last move of a drag is told in the next frame.
              requestAnimationFrame(() => {
                dragged.current = false
              })
            }
            onCropChange={place}
            onZoomChange={(zoom) => onChange(zoomTo(zoom))}
            onWheelRequest={wheel}
          />
          <HeadRoom beside={ratio < 1} />
        </div>
      </div>
      <p id={id} className="mt-2 text-xs text-muted pointer-coarse:hidden">
        Arrows move, Shift moves further, + and − zoom.
      </p>
      {broken && (
        <NoteLine tone="warn">We can’t show this picture yet. Try again in a moment.</NoteLine>
      )}
    </>
  )
}

/** As the attribute asks a dialog that opens; React keeps the attribute of that name to itself. */
function focusOnOpen(stage: HTMLElement | null) {
  stage?.setAttribute('autofocus', '')
}
