import { Bell, Volume2 } from 'lucide-react'
import { useState } from 'react'

import { Button } from '../components/Button.tsx'
import { askForNotes, hasNotes, keepWishes, playTone, wishes, type Wishes } from '../lib/notify.ts'

/** The quiet offer to tell when a video is ready, by a note of the browser or by a sound. */
export default function TellMe() {
  const [wanted, setWanted] = useState(wishes)
  const [blocked, setBlocked] = useState(false)

  const change = (part: Partial<Wishes>) => {
    const next = { ...wanted, ...part }
    keepWishes(next)
    setWanted(next)
  }

  const switchNotes = async () => {
    const note = !wanted.note && (await askForNotes())
    setBlocked(!wanted.note && !note)
    change({ note })
  }

  const switchSound = () => {
    if (!wanted.sound) playTone()
    change({ sound: !wanted.sound })
  }

  return (
    <div className="flex flex-wrap items-center gap-x-1 px-1 text-[13px] text-muted">
      {hasNotes() && (
        <Button
          look="quiet"
          aria-pressed={wanted.note}
          data-testid="notify-me"
          className="aria-pressed:text-accent"
          onClick={() => void switchNotes()}
        >
          <Bell size={16} aria-hidden /> Tell me when it is ready{wanted.note && ': on'}
        </Button>
      )}
      <Button
        look="quiet"
        aria-pressed={wanted.sound}
        data-testid="sound-when-ready"
        className="aria-pressed:text-accent"
        onClick={switchSound}
      >
        <Volume2 size={16} aria-hidden /> With a sound{wanted.sound && ': on'}
      </Button>
      <output className="px-2">{blocked && 'Your browser blocks notes from this page.'}</output>
    </div>
  )
}
