/** For this tab until it is closed, or for this browser. */
type Shelf = 'sessionStorage' | 'localStorage'

const PREFIX = 'animatrix.'

/** What was kept under a name; null where there is nothing, or nothing that can be read. */
export function recall<T>(shelf: Shelf, name: string): T | null {
  try {
    return JSON.parse(globalThis[shelf].getItem(PREFIX + name) ?? 'null') as T | null
  } catch {
    // A browser can refuse its storage altogether; the page works without it.
    return null
  }
}

let left = false

export function keep(shelf: Shelf, name: string, value: unknown): void {
  if (left && shelf === 'sessionStorage') return
  try {
    globalThis[shelf].setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // As above, or it is full.
  }
}

/** Keep nothing of this tab, nor anything more until its page is loaded anew. */
export function leaveTab(): void {
  left = true
  try {
    sessionStorage.clear()
  } catch {
    // As above: then nothing was kept.
  }
}
