import { keep, recall } from './stored.ts'

/** How a person wants to be told that a video is ready. Both are off until they are asked for. */
export type Wishes = { note: boolean; sound: boolean }

const WISHES = 'ready'
const NONE: Wishes = { note: false, sound: false }

const TONES_HZ = [660, 880]
const TONE_S = 0.18
const LOUD = 0.12

export function wishes(): Wishes {
  return { ...NONE, ...recall<Wishes>('localStorage', WISHES) }
}

export function keepWishes(wanted: Wishes): void {
  keep('localStorage', WISHES, wanted)
}

export function hasNotes(): boolean {
  return 'Notification' in globalThis
}

/** Ask the browser to let notes through; false where it does not. */
export async function askForNotes(): Promise<boolean> {
  return hasNotes() && (await Notification.requestPermission()) === 'granted'
}

/** Tell, in the ways that were wished, that a video is ready. */
export function tellReady(words: string): void {
  const { note, sound } = wishes()
  if (sound) playTone()
  if (note && hasNotes() && Notification.permission === 'granted') show(words)
}

/** Two short tones, the second one higher. */
export function playTone(): void {
  if (!('AudioContext' in globalThis)) return
  const context = new AudioContext()
  for (const [index, frequency] of TONES_HZ.entries()) {
    const start = context.currentTime + index * TONE_S
    const gain = new GainNode(context, { gain: 0 })
    const tone = new OscillatorNode(context, { frequency })
    gain.gain.setValueAtTime(LOUD, start)
    gain.gain.exponentialRampToValueAtTime(0.001, start + TONE_S)
    tone.connect(gain).connect(context.destination)
    tone.start(start)
    tone.stop(start + TONE_S)
    if (index === TONES_HZ.length - 1) tone.addEventListener('ended', () => void context.close())
  }
}

function show(words: string): void {
  try {
    const note = new Notification('Animatrix', { body: words, tag: 'ready' })
    note.addEventListener('click', () => {
      window.focus()
      note.close()
    })
  } catch {
    // Phones let only service workers show notes; the tab's title tells all the same.
  }
}
