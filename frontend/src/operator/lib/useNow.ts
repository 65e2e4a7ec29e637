import { useSyncExternalStore } from 'react'

const TICK_MS = 1_000

let now = Date.now()

/** The time in milliseconds since 1970, renewed every second while something shows it. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

function subscribe(onChange: () => void): () => void {
  // Nothing may have renewed it for long.
  now = Date.now()
  const timer = setInterval(() => {
    now = Date.now()
    onChange()
  }, TICK_MS)
  return () => clearInterval(timer)
}
