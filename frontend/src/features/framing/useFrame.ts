import { useState } from 'react'

import { MIDDLE, settled, type Frame, type Shape, type Size } from '../../lib/frame.ts'

/** A frame while it is chosen. shown: what it comes to in this picture and shape. */
export function useFrame(before: Frame | null, size: Size, shape: Shape) {
  const [frame, setFrame] = useState(before)
  const settle = (any: Frame) => settled(any, size, shape)

  return {
    frame,
    shown: settle(frame ?? MIDDLE),
    setFrame,
    change: (step: (from: Frame) => Frame) =>
      setFrame((now) => settle(step(settle(now ?? MIDDLE)))),
  }
}

export type ChangeFrame = ReturnType<typeof useFrame>['change']
