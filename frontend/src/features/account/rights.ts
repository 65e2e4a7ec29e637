import type { Me, Scope } from '../../api/types.ts'
import type { Choice } from '../../lib/choices.ts'

export type Rights = 'all' | 'make' | 'read'

export const RIGHTS: readonly Choice<Rights>[] = [
  { value: 'read', label: 'See' },
  { value: 'make', label: 'See and make' },
  { value: 'all', label: 'All you may' },
]

export const RIGHTS_WORDS: Record<Rights, string> = {
  read: 'Sees your videos and files, changes nothing.',
  make: 'Uploads files, makes and deletes videos.',
  all: 'Does all that you may. It can also sign you in.',
}

const MAKING: Scope[] = ['jobs:read', 'jobs:write', 'assets:read', 'assets:write']

/** What a token of those rights is asked for with; null: all that its owner may. */
export function scopesOf(rights: Rights): Scope[] | null {
  if (rights === 'all') return null
  return rights === 'make' ? MAKING : MAKING.filter((scope) => scope.endsWith(':read'))
}

/** What a token may, in words. */
export function rightsWords(scopes: Scope[], me: Me | undefined): string {
  if (me && me.scopes.every((scope) => scopes.includes(scope))) return 'All you may'
  if (scopes.every((scope) => scope.endsWith(':read'))) return 'See'
  return scopes.every((scope) => MAKING.includes(scope)) ? 'See and make' : 'Some of what you may'
}
