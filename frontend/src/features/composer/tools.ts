import type { Chip, Draft } from './draft.ts'
import type { Editing } from './edit.ts'
import type { Tools } from './remedies.ts'

type Hands = Pick<Tools, 'set' | 'replace'> & { onEdit: (editing: Editing) => void }

/** What the page can do about a problem of a draft. */
export function toolsOf({ chips }: Draft, { set, replace, onEdit }: Hands): Tools {
  return {
    set,
    replace,
    edit: onEdit,
    ready: (role, index) => chips.filter((chip) => chip.role === role && isReady(chip))[index],
  }
}

function isReady({ status }: Chip): boolean {
  return status.state === 'ready'
}
