import { useLayoutEffect, useRef } from 'react'

import { Banner } from '../../components/Banner.tsx'
import { Button } from '../../components/Button.tsx'
import { waitWords, type SecondsRange } from '../../lib/time.ts'

type StudioNoticeProps = {
  /** Why nothing is rendered at all; it says more than how long the line is. */
  away: string | null
  wait: SecondsRange | null
  /** Null: it is Draft already. */
  onDraft: (() => void) | null
}

/** Tells over the composer that a new video would not start soon. */
export default function StudioNotice({ away, wait, onDraft }: StudioNoticeProps) {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    // The button someone is about to press must not move. A page that is scrolled does this itself.
    if (scrollY === 0) scrollBy({ top: box.current?.offsetHeight ?? 0, behavior: 'instant' })
  }, [])
  return (
    <div ref={box} className="pb-3">
      {away !== null ? (
        <Banner tone="calm" data-testid="away-banner">
          {away}
        </Banner>
      ) : (
        wait && (
          <Banner
            tone="busy"
            data-testid="busy-banner"
            action={onDraft && <Button onClick={onDraft}>Use Draft</Button>}
          >
            <strong className="font-semibold">A new video starts in {waitWords(wait)}.</strong> You
            can close this page; we keep your place.{onDraft && ' Draft is quicker to make.'}
          </Banner>
        )
      )}
    </div>
  )
}
