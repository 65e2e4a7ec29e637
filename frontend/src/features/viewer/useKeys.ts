import { useEffect, useEffectEvent, useRef } from 'react'

import { lettersOn } from '../../lib/keys.ts'

/** What each key does, by its name; letters are small. */
export type Keys = Record<string, () => void>

const FIELDS = 'input:not([type="checkbox"]), textarea, select, [contenteditable]'
const PRESSABLE = 'button, a, summary, input'

/** Single keys for as long as this is shown; never while something is typed, or asked above it. */
export function useKeys(keys: Keys): void {
  // After a press with the mouse the focus stays behind, and Space is not meant for it.
  const pointed = useRef(false)
  const taken = useRef<string | null>(null)

  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === 'Tab') pointed.current = false
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.target instanceof Element ? event.target : document.body
    if (target.matches(FIELDS) || document.querySelectorAll('dialog[open]').length > 1) return
    if (event.key.length === 1 && event.key !== ' ' && !lettersOn()) return
    if (event.key === ' ' && !pointed.current && target.matches(PRESSABLE)) return
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (act === undefined) return
    take(event)
    taken.current = event.key
    act()
  })
  const release = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === taken.current) take(event)
    taken.current = null
  })

  useEffect(() => {
    const point = () => {
      pointed.current = true
    }
    const listening = new AbortController()
    const first = { capture: true, signal: listening.signal }
    window.addEventListener('keydown', press, first)
    window.addEventListener('keyup', release, first)
    window.addEventListener('pointerdown', point, first)
    return () => listening.abort()
  }, [])
}

/** Keep a key from the browser's own controls of a video, which do not ask whether it was taken. */
function take(event: KeyboardEvent): void {
  event.preventDefault()
  event.stopPropagation()
}
