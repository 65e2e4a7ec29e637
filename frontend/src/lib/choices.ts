/** The words for what the settings can be, in the order they are offered. */

export type Choice<T extends string> = { value: T; label: string; hint?: string }

export const SHAPES: readonly Choice<'9:16' | '16:9' | '1:1'>[] = [
  { value: '9:16', label: '9:16' },
  { value: '16:9', label: '16:9' },
  { value: '1:1', label: '1:1' },
]

export const QUALITIES: readonly Choice<'draft' | 'standard' | 'high'>[] = [
  { value: 'draft', label: 'Draft', hint: 'Quick and small, to try things out.' },
  { value: 'standard', label: 'Standard', hint: 'Right for most videos.' },
  { value: 'high', label: 'High', hint: 'Larger and finer, and takes longer.' },
]

export const FRAMINGS: readonly Choice<'portrait' | 'half_body' | 'full_body'>[] = [
  { value: 'portrait', label: 'Face' },
  { value: 'half_body', label: 'Half body' },
  { value: 'full_body', label: 'Full body' },
]

export const ADHERENCES: readonly Choice<'natural' | 'balanced' | 'strong'>[] = [
  { value: 'natural', label: 'Natural' },
  { value: 'balanced', label: 'Balanced' },
  { value: 'strong', label: 'Strong' },
]

export function labelOf<T extends string>(choices: readonly Choice<T>[], value: T): string {
  return choices.find((choice) => choice.value === value)?.label ?? value
}
