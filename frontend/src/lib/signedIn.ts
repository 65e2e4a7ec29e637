/** Told to this tab by whatever was answered that nobody is signed in. */
const OUT = 'animatrix:signed-out'
const IN = 'animatrix:signed-in'

export function tellSignedOut(): void {
  dispatchEvent(new Event(OUT))
}

export function tellSignedIn(): void {
  dispatchEvent(new Event(IN))
}

export function onSignedOut(act: () => void): () => void {
  addEventListener(OUT, act)
  return () => removeEventListener(OUT, act)
}

/** Do something that needs a signed-in person; where nobody is, once somebody is again. */
export async function onceSignedIn<T>(
  act: () => Promise<T>,
  isSignedOut: (error: unknown) => boolean,
): Promise<T> {
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!isSignedOut(error)) throw error
    }
    const signedIn = new Promise((resolve) => addEventListener(IN, resolve, { once: true }))
    tellSignedOut()
    await signedIn
  }
}

/** A path of this studio to go to, from an address; the studio's first page for any other. */
export function localPath(asked: string | null): string {
  const isLocal = asked !== null && /^\/(?![/\\])/.test(asked) && !/[\\\t\n\r]/.test(asked)
  return isLocal && !asked.startsWith('/sign-in') ? asked : '/'
}
