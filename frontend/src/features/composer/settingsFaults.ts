import type { Settings } from './draft.ts'

const LONGEST_S = 600
const MOST_PARTS = 100
const LARGEST_VARIATION = Number.MAX_SAFE_INTEGER

export function lengthFault({ length }: Pick<Settings, 'length'>): string | null {
  const seconds = Number(length)
  if (length === '' || (seconds >= 0.5 && seconds <= LONGEST_S)) return null
  return `Choose a length from 0.5 to ${LONGEST_S} seconds.`
}

export function partsFault({ parts }: Pick<Settings, 'parts'>): string | null {
  if (/^\d*$/.test(parts) && Number(parts) <= MOST_PARTS) return null
  return `Use a whole number from 0 to ${MOST_PARTS}.`
}

export function variationFault({ variation }: Pick<Settings, 'variation'>): string | null {
  if (/^\d*$/.test(variation) && Number(variation) <= LARGEST_VARIATION) return null
  return 'Use a whole number, without a sign.'
}
