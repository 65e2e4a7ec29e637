/** The code in the address, which is taken out of it and of the history at once. */
export function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  if (code !== null) history.replaceState(null, '', location.pathname + location.search)
  return code
}

/** What the address had when this was loaded: before anything is drawn. */
export const firstCode = takeCode()
