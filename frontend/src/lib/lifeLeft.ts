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
