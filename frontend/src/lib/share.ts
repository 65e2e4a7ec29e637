/** The whole address of a file, as it works in another place. */
export function wholeAddress(url: string): string {
  return new URL(url, location.href).href
}

/** How long a signed address still works, in seconds; null where it does not say. */
export function lifeLeft(url: string, now: number = Date.now()): number | null {
  const asked = new URL(url, location.href).searchParams
  const signedAt = Date.parse(isoTime(asked.get('X-Amz-Date') ?? ''))
  const life = Number(asked.get('X-Amz-Expires') ?? NaN)
  if (Number.isNaN(signedAt) || Number.isNaN(life)) return null
  return Math.max(0, Math.round(life - (now - signedAt) / 1000))
}

/** 20261123T043605Z as JavaScript reads it. */
function isoTime(basic: string): string {
  return basic.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
}

/** How long a link works, rounded down so that it promises no more than is true. */
export function lifeWords(left: number | null): string {
  if (left === null) return 'It works for a while.'
  const [unit, seconds] = UNITS.find(([, size]) => left >= size) ?? ['minute', 60]
  const count = Math.floor(left / seconds)
  if (count < 1) return 'It works for less than a minute.'
  return `It works for ${count} ${unit}${count === 1 ? '' : 's'}.`
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
] as const

/** Whether this device has a sheet of its own to hand a link on: phones and tablets do. */
export function hasShareSheet(): boolean {
  return typeof navigator.share === 'function' && matchMedia('(pointer: coarse)').matches
}

/** Hand a link on by the device's own sheet. False: it could not, and the link is still to be given. */
export async function openShareSheet(url: string): Promise<boolean> {
  try {
    await navigator.share({ url, title: 'Animatrix' })
    return true
  } catch (error) {
    // Closing the sheet without a choice is a choice too.
    return error instanceof DOMException && error.name === 'AbortError'
  }
}

/** Put a text on the clipboard; false when the browser does not let it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Refused, or missing where a page is served without TLS.
    return false
  }
}
