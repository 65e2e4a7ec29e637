export type SecondsRange = { low: number; high: number }

/** A length as it stands on a result: 4.5 s, 12 s, 1 min 5 s. */
export function lengthWords(seconds: number): string {
  const tenths = Math.round(seconds * 10) / 10
  if (tenths < 60) return `${tenths} s`
  const whole = Math.round(seconds)
  const rest = whole % 60
  return rest === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${rest} s`
}

/** A wait, rounded so that it promises no more than is known: about 4 min. */
export function waitWords(range: SecondsRange): string {
  const seconds = (range.low + range.high) / 2
  if (seconds < 45) return 'less than a minute'
  if (seconds < 90 * 60) return `about ${Math.max(1, Math.round(seconds / 60))} min`
  return `about ${Math.round(seconds / 3600)} h`
}

/** What is left, from the least to the most: about 4–6 min. */
export function leftWords({ low, high }: SecondsRange): string {
  if (high < 45) return 'less than a minute left'
  const [unit, seconds] = high < 90 * 60 ? ['min', 60] : ['h', 3600]
  const [least, most] = [low, high].map((one) => Math.max(1, Math.round(one / seconds)))
  return `about ${least === most ? most : `${least}–${most}`} ${unit} left`
}

/** From where to where in a video: 4.8–9.6 s. */
export function spanWords(start: number, length: number): string {
  return `${start.toFixed(1)}–${(start + length).toFixed(1)} s`
}

/** One wait after the other. */
export function sumOf(first: SecondsRange, second: SecondsRange): SecondsRange {
  return { low: first.low + second.low, high: first.high + second.high }
}

/** When something was made, told from now: just now, 5 min ago, 3 h ago, else the day. */
export function agoWords(at: string, now: number = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000)
  if (seconds < 60) return 'just now'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return new Date(at).toLocaleDateString(undefined, { day: 'numeric', month: 'short' })
}

/** A moment as a clock shows it: 14:05. */
export function clockWords(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
}

/** A moment as it is said today: 14:05; else with its day. */
export function momentWords(at: number, now: number = Date.now()): string {
  const time = { hour: '2-digit', minute: '2-digit' } as const
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString()
  const day = sameDay ? {} : ({ weekday: 'short', day: 'numeric', month: 'short' } as const)
  return new Date(at).toLocaleString(undefined, { ...day, ...time })
}
