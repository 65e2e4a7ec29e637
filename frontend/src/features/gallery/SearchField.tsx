import { Search, X } from 'lucide-react'
import { useRef, useState } from 'react'

const TYPING_MS = 250

type SearchFieldProps = { value: string; onChange: (value: string) => void }

/** Words of a prompt; told once the person pauses. */
export function SearchField({ value, onChange }: SearchFieldProps) {
  const [typed, setTyped] = useState(value)
  const [told, setTold] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // It was changed from elsewhere.
  if (value !== told) {
    setTold(value)
    setTyped(value)
  }

  const type = (words: string) => {
    setTyped(words)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      setTold(words.trim())
      onChange(words.trim())
    }, TYPING_MS)
  }

  return (
    <div className="relative min-w-0 flex-1 basis-56">
      <Search
        size={16}
        className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-muted"
        aria-hidden
      />
      <input
        type="search"
        aria-label="Search your videos"
        placeholder="Search your videos"
        data-testid="search"
        enterKeyHint="search"
        value={typed}
        onChange={(event) => type(event.target.value)}
        className="min-h-11 w-full rounded-chip border border-line bg-bg px-9 text-base placeholder:text-muted hover:border-control sm:text-sm [&::-webkit-search-cancel-button]:hidden"
      />
      {typed !== '' && (
        <button
          type="button"
          aria-label="Clear search"
          className="absolute top-0 right-0 grid size-11 place-items-center text-muted hover:text-ink"
          onClick={() => type('')}
        >
          <X size={16} aria-hidden />
        </button>
      )}
    </div>
  )
}
