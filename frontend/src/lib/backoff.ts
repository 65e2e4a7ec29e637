const FIRST_MS = 500
const MOST_MS = 15_000

/** How long to wait before try number `attempt` (0, 1, 2 …): doubling, half of it random. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const top = Math.min(MOST_MS, FIRST_MS * 2 ** (attempt + 1))
  return top / 2 + (top / 2) * random()
}
