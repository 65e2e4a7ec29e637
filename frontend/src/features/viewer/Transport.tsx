import { Maximize, Pause, Play, StepBack, StepForward } from 'lucide-react'
import type { ReactNode } from 'react'

import { cx } from '../../lib/cx.ts'
import type { Playback } from './usePlayback.ts'

type TransportProps = { playback: Playback; fps: number; frames: number; onFullscreen: () => void }

const RATES = [0.5, 1] as const

/** What the browser's own controls of a video do not have: single pictures, and half the speed. */
export function Transport({ playback, fps, frames, onFullscreen }: TransportProps) {
  const { frame, plays, rate, toggle, setRate, move } = playback
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-4 bg-surface px-2 py-1.5">
      <div className="flex">
        <Key label="One frame back" testId="frame-back" onPress={() => move(-1)}>
          <StepBack size={18} aria-hidden />
        </Key>
        <Key label={plays ? 'Pause' : 'Play'} testId="play" onPress={toggle}>
          {plays ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}
        </Key>
        <Key label="One frame on" testId="frame-on" onPress={() => move(1)}>
          <StepForward size={18} aria-hidden />
        </Key>
      </div>
      <p className="order-last w-full text-center text-xs text-muted tabular-nums @md:order-none @md:w-44">
        <span data-testid="frame">
          Frame {frame + 1} of {frames}
        </span>
        {' · '}
        {(frame / fps).toFixed(2)} s
      </p>
      <div className="flex">
        {RATES.map((one) => (
          <Key
            key={one}
            label={`${one}× speed`}
            testId={`speed-${one}`}
            pressed={rate === one}
            onPress={() => setRate(one)}
          >
            {one}×
          </Key>
        ))}
        <Key label="Full screen" testId="full-screen" onPress={onFullscreen}>
          <Maximize size={18} aria-hidden />
        </Key>
      </div>
    </div>
  )
}

type KeyProps = {
  label: string
  testId: string
  pressed?: boolean
  onPress: () => void
  children: ReactNode
}

function Key({ label, testId, pressed, onPress, children }: KeyProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      data-testid={testId}
      className={cx(
        'grid size-11 place-items-center rounded-chip text-[13px] font-medium tabular-nums hover:bg-raised hover:text-ink',
        pressed ? 'bg-raised text-ink' : 'text-muted',
      )}
      onClick={onPress}
    >
      {children}
    </button>
  )
}
