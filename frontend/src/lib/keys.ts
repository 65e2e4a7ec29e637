import { useEffect, useEffectEvent } from 'react'

import { keep, recall } from './stored.ts'

/** What each key does: 'Ctrl+Enter', 'Alt+1', or a single one such as '/' or 'a'. */
export type KeyActs = Record<string, () => void>

const FIELDS = 'input, textarea, select, [contenteditable]'
const LETTERS = 'letters'

/** Whether single keys do something; someone who speaks to the computer may not want that. */
export function lettersOn(): boolean {
  return recall<boolean>('localStorage', LETTERS) ?? true
}

export function switchLetters(on: boolean): void {
  keep('localStorage', LETTERS, on)
}

/** The name of what was pressed. Command counts as Ctrl, and a digit as itself in every layout. */
export function nameOf(event: KeyboardEvent): string {
  const { key, code, altKey } = event
  if (event.ctrlKey || event.metaKey) return `Ctrl+${key}`
  if (altKey) return `Alt+${code.startsWith('Digit') ? code.slice(5) : key}`
  return key.length === 1 ? key.toLowerCase() : key
}

/** The keys of the page, as long as no dialog stands over it. */
export function usePageKeys(acts: KeyActs): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]'))
      return
    const name = nameOf(event)
    const act = acts[name]
    if (act === undefined || (name.length === 1 && !singleCounts(event))) return
    event.preventDefault()
    act()
  })

  useEffect(() => {
    const listening = new AbortController()
    window.addEventListener('keydown', (event) => press(event), { signal: listening.signal })
    return () => listening.abort()
  }, [])
}

function singleCounts({ target }: KeyboardEvent): boolean {
  return lettersOn() && !(target instanceof Element && target.matches(FIELDS))
}
