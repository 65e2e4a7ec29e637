import { useRef, type ReactNode } from 'react'

import { ACCEPT, ACCEPT_ALL, ROLES, type RoleId } from '../../lib/roles.ts'
import type { DraftControl } from './useDraft.ts'

type Asked = { role?: RoleId | undefined; replaced?: string | undefined }

export type FilePicker = {
  /** The one input that all files come through; to be rendered once. */
  input: ReactNode
  /** Choose files for a role, or several files whose roles are guessed. */
  pick: (role?: RoleId) => void
  /** Choose a file in the place of the one that has the role, the first or a later one. */
  replace: (role: RoleId, index: number) => void
}

export function useFilePicker({ draft, addFiles, remove }: DraftControl): FilePicker {
  const input = useRef<HTMLInputElement>(null)
  const asked = useRef<Asked>({})

  const open = (role?: RoleId, replaced?: string) => {
    if (input.current === null) return
    asked.current = { role, replaced }
    input.current.accept = role ? ACCEPT[ROLES[role].kind] : ACCEPT_ALL
    input.current.multiple = !replaced && (role === undefined || ROLES[role].most > 1)
    input.current.click()
  }

  return {
    pick: (role) => open(role),
    replace: (role, index) =>
      open(role, draft.chips.filter((chip) => chip.role === role)[index]?.id),
    input: (
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept={ACCEPT_ALL}
        data-testid="file-input"
        onChange={(event) => {
          const { role, replaced } = asked.current
          asked.current = {}
          if (replaced) remove(replaced)
          addFiles(Array.from(event.target.files ?? []), role)
          // The same file chosen again must count as a change.
          event.target.value = ''
        }}
      />
    ),
  }
}
