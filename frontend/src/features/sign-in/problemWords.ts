const WORDS: Record<string, string> = {
  off: 'Nobody signs in this way here. Choose another way.',
  unavailable: 'The sign-in service does not answer. Try again in a minute.',
  cancelled: 'You did not finish signing in. Try again when you like.',
  expired: 'That took too long, or began in another browser. Try again.',
  refused: 'We could not trust the answer we got. Try again.',
  'not-allowed': 'You may not use this studio yet. Ask an operator.',
  closed: 'Your account is closed. Ask an operator.',
  'too-many': 'Too many tries. Wait a minute, then try again.',
}

const ANY = 'Signing in did not work. Try again.'

/** What the address says went wrong with the provider, in words. */
export function problemWordsOf(problem: string | null): string | null {
  if (problem === null) return null
  return (Object.hasOwn(WORDS, problem) && WORDS[problem]) || ANY
}
