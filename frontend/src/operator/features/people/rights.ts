import type { Admin } from '../../api.ts'

export type Rights = 'own' | 'all'

export const RIGHTS: { value: Rights; label: string }[] = [
  { value: 'own', label: 'What creators may, with its own' },
  { value: 'all', label: 'Also what operators see and do' },
]

const OWN: Admin<'Scope'>[] = [
  'jobs:read',
  'jobs:write',
  'assets:read',
  'assets:write',
  'shares:read',
  'shares:write',
  'webhooks:read',
  'webhooks:write',
  'tokens:read',
  'tokens:write',
]

/** What a token of those rights is asked for with; null: all that the role may. */
export function scopesOf(rights: Rights): Admin<'Scope'>[] | null {
  return rights === 'own' ? OWN : null
}
