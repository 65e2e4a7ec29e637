import type { Admin } from '../../api.ts'

type Backend = Admin<'Backend'>
type State = Admin<'BackendState'>

export type Verb = 'cordon' | 'drain' | 'uncordon' | 'remove'

/** name: on the button. means: what it does, in a sentence. */
export const ACTS: Record<Verb, { name: string; means: string }> = {
  cordon: {
    name: 'Cordon',
    means: 'It gets nothing new. What renders or waits there goes on.',
  },
  drain: {
    name: 'Drain',
    means: 'It gets nothing new, what waits there goes back to the line, what renders is finished.',
  },
  uncordon: { name: 'Uncordon', means: 'It gets work again.' },
  remove: { name: 'Remove', means: 'It is forgotten, once what it renders has ended.' },
}

const POSSIBLE: Record<State, Verb[]> = {
  offered: ['cordon', 'drain', 'remove'],
  cordoned: ['uncordon', 'drain', 'remove'],
  draining: ['uncordon', 'cordon', 'remove'],
  quarantined: ['uncordon', 'remove'],
  removed: [],
}

/** What can be done with a backend now, the likeliest first. */
export function actsOf({ state }: Backend): Verb[] {
  return POSSIBLE[state]
}
