import { useState, type RefObject } from 'react'
import { flushSync } from 'react-dom'

import { insertAtCaret } from '../../lib/insertAtCaret.ts'
import { MODES, type ModeId } from '../../lib/modes.ts'

const PLACEHOLDERS: Record<ModeId, string> = {
  move: 'Describe the scene. For example: a dancer on a rooftop at dusk',
  mix: 'Describe who takes the place. For example: a knight in silver armour',
  audio: 'Describe the performance. For example: she sings to the camera, calm and warm',
}

const SHOWN = 3

type PromptFieldProps = {
  mode: ModeId
  value: string
  onChange: (value: string) => void
  ref: RefObject<HTMLTextAreaElement | null>
}

/** The prompt, and under it a few keywords that go in where the caret is. */
export function PromptField({ mode, value, onChange, ref }: PromptFieldProps) {
  const [all, setAll] = useState(false)
  const { keywords } = MODES[mode]

  const insert = (word: string) => {
    const place = ref.current
    if (place === null) return
    const inserted = insertAtCaret(value, place.selectionStart, word)
    flushSync(() => onChange(inserted.text))
    place.focus()
    place.setSelectionRange(inserted.caret, inserted.caret)
  }

  return (
    <div>
      <textarea
        ref={ref}
        aria-label="Prompt"
        data-testid="prompt"
        rows={3}
        maxLength={4000}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        placeholder={PLACEHOLDERS[mode]}
        className="prompt block w-full resize-none bg-transparent px-1 text-base leading-relaxed outline-none placeholder:text-muted"
      />
      <p className="mt-1 flex flex-wrap items-center gap-x-1 text-xs text-muted">
        <span className="px-1">Add</span>
        {keywords.slice(0, all ? undefined : SHOWN).map((word) => (
          <button
            key={word}
            type="button"
            onClick={() => insert(word)}
            className="min-h-8 rounded-lg px-2 underline decoration-line decoration-1 underline-offset-4 transition-colors duration-150 hover:bg-raised hover:text-ink pointer-coarse:min-h-11"
          >
            {word}
          </button>
        ))}
        {!all && (
          <button
            type="button"
            onClick={() => setAll(true)}
            className="min-h-8 rounded-lg px-2 hover:bg-raised hover:text-ink pointer-coarse:min-h-11"
          >
            more
          </button>
        )}
      </p>
    </div>
  )
}
