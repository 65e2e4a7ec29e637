import { Pause, Play } from 'lucide-react'

type PlayToggleProps = { plays: boolean; onToggle: () => void }

/** Plays a card's video where it stands: for a finger, a keyboard, and who wants things still. */
export function PlayToggle({ plays, onToggle }: PlayToggleProps) {
  return (
    <button
      type="button"
      aria-label={plays ? 'Pause preview' : 'Play preview'}
      data-testid="play-preview"
      className="absolute top-2 right-2 z-2 grid size-11 place-items-center rounded-full bg-bg/75 text-ink hover:bg-bg"
      onClick={onToggle}
    >
      {plays ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}
    </button>
  )
}
