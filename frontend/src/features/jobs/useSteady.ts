import { useState } from 'react'

import { steadied, type Steady } from '../../lib/steady.ts'
import type { SecondsRange } from '../../lib/time.ts'

const NOTHING: Steady = { range: null, late: false }

/** A wait that does not jump about. of: another one begins anew. */
export function useSteady(told: SecondsRange | null, of: number): Steady {
  const [known, setKnown] = useState({ of, told, shown: steadied(NOTHING, told) })
  if (known.of === of && known.told === told) return known.shown
  const next = { of, told, shown: steadied(known.of === of ? known.shown : NOTHING, told) }
  setKnown(next)
  return next.shown
}
