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
