import type { Admin } from '../../api.ts'

/** How far an attempt came, in a word. */
export function attemptState(prompt: Admin<'JobPrompt'>): string {
  if (prompt.outcome !== null) return prompt.outcome
  if (prompt.settled_at !== null) return 'settled'
  if (prompt.withdrawn_at !== null) return 'withdrawn'
  if (prompt.abandoned_at !== null) return 'abandoned'
  if (prompt.posted_at !== null) return 'sent'
  return prompt.posting_at === null ? 'not sent' : 'being sent'
}

/** Segments count from 0; -1 is what all of them share. */
export function segmentName(segment: number): string {
  return segment === -1 ? 'preparation' : String(segment)
}
