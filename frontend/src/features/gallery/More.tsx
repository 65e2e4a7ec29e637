import { useEffect, useEffectEvent, useRef } from 'react'

import { Button } from '../../components/Button.tsx'

type MoreProps = { isLoading: boolean; onMore: () => void }

/** How far below the window its end is when more is asked for. */
const AHEAD = '1200px'

/** The end of a list that goes on: more of it comes as it gets near, or by a press. */
export function More({ isLoading, onMore }: MoreProps) {
  const box = useRef<HTMLDivElement>(null)
  const more = useEffectEvent(onMore)

  useEffect(() => {
    if (isLoading || box.current === null || !('IntersectionObserver' in globalThis)) return
    // Told at once, too: a page may be too short to push its end away.
    const watching = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) more()
      },
      { rootMargin: AHEAD },
    )
    watching.observe(box.current)
    return () => watching.disconnect()
  }, [isLoading])

  return (
    <div ref={box} className="text-center">
      <Button data-testid="show-more" aria-busy={isLoading} onClick={onMore}>
        Show more
      </Button>
    </div>
  )
}
