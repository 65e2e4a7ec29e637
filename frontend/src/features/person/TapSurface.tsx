import { useState, type KeyboardEvent, type MouseEvent } from 'react'

import { moved, placeIn, type Place } from '../../lib/points.ts'

type TapSurfaceProps = { help: string; onPlace: (place: Place) => void; onRemoveLast: () => void }

const STEP = 0.01
const LEAP = 0.05

const ARROWS: Partial<Record<string, Place>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/** Covers a frame and takes its taps; from the keyboard it has a cross that moves. */
export function TapSurface({ help, onPlace, onRemoveLast }: TapSurfaceProps) {
  const [cross, setCross] = useState<Place>({ x: 0.5, y: 0.5 })

  function tap(event: MouseEvent<HTMLElement>) {
    const place = placeIn(event.currentTarget.getBoundingClientRect(), event)
    if (place) onPlace(place)
  }

  function key(event: KeyboardEvent) {
    const way = ARROWS[event.key]
    if (way) {
      const by = event.shiftKey ? LEAP : STEP
      setCross(moved(cross, { x: way.x * by, y: way.y * by }))
    } else if (event.key === 'Enter') onPlace(cross)
    else if (event.key === 'Delete' || event.key === 'Backspace') onRemoveLast()
    else return
    event.preventDefault()
  }

  return (
    <>
      <div
        role="application"
        aria-label="The picture: place a point"
        aria-describedby={help}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        data-testid="tap-surface"
        className="peer absolute inset-0 cursor-crosshair -outline-offset-2"
        onClick={tap}
        onKeyDown={key}
      />
      <span
        aria-hidden
        data-testid="cross"
        className="pointer-events-none absolute -mt-4 -ml-4 hidden size-8 peer-focus-visible:block before:absolute before:inset-x-0 before:top-3.75 before:h-0.5 before:bg-accent before:outline before:outline-bg after:absolute after:inset-y-0 after:left-3.75 after:w-0.5 after:bg-accent after:outline after:outline-bg"
        style={{ left: `${cross.x * 100}%`, top: `${cross.y * 100}%` }}
      />
      <output className="sr-only">
        {Math.round(cross.x * 100)} % across, {Math.round(cross.y * 100)} % down
      </output>
    </>
  )
}
