import { useReducer, useRef, type Dispatch } from 'react'

import { fetchAsset, uploadAsset } from '../../api/assets.ts'
import { isPassing, problemWords } from '../../api/problem.ts'
import type { Job } from '../../api/types.ts'
import type { ModeId } from '../../lib/modes.ts'
import { newKey } from '../../lib/newKey.ts'
import { canBeShown, guessRole, kindOf, ROLES, type RoleId } from '../../lib/roles.ts'
import { draftReducer, EMPTY, type Chip, type Draft, type DraftAction } from './draft.ts'
import { assetsOf, draftOf, type UsedAsset } from './request.ts'

export type FileInRole = { file: File; role: RoleId }

export type DraftControl = {
  draft: Draft
  dispatch: Dispatch<DraftAction>
  /** role: the one that was asked for; a file of another kind gets the one that fits it. */
  addFiles: (files: File[], role?: RoleId) => void
  retry: (id: string) => void
  remove: (id: string) => void
  fillSample: (mode: ModeId, prompt: string, files: FileInRole[]) => void
  fillFromJob: (job: Job) => void
}

type Upload = { file: File; stop: AbortController }

/** The composer's content, and the uploads that go with it. */
export function useDraft(): DraftControl {
  const [draft, dispatch] = useReducer(draftReducer, EMPTY)
  const uploads = useRef(new Map<string, Upload>())

  const send = (id: string, kind: Chip['kind'], file: File) => {
    const stop = new AbortController()
    uploads.current.set(id, { file, stop })
    dispatch({ do: 'status', id, status: { state: 'uploading', sent: 0 } })
    uploadAsset({
      kind,
      file,
      signal: stop.signal,
      onProgress: (sent) => dispatch({ do: 'status', id, status: { state: 'uploading', sent } }),
    }).then(
      (asset) => dispatch({ do: 'status', id, status: { state: 'ready', asset } }),
      (error: unknown) => dispatch({ do: 'status', id, status: failed(error, isPassing(error)) }),
    )
  }

  const add = (file: File, role: RoleId) => {
    const { kind } = ROLES[role]
    const chip: Chip = {
      id: newKey(),
      role,
      kind,
      name: file.name,
      preview: kind === 'audio' || !canBeShown(file) ? null : URL.createObjectURL(file),
      status: { state: 'uploading', sent: 0 },
    }
    dispatch({ do: 'add', chip })
    send(chip.id, kind, file)
  }

  const addFiles = (files: File[], asked?: RoleId) => {
    const taken = draft.chips.map((chip) => chip.role)
    const refused: string[] = []
    for (const file of files) {
      const kind = kindOf(file)
      if (kind === null) {
        refused.push(file.name)
        continue
      }
      const role = asked && ROLES[asked].kind === kind ? asked : guessRole(kind, taken)
      taken.push(role)
      add(file, role)
    }
    dispatch({ do: 'set', part: { refused } })
  }

  const drop = (id: string) => {
    uploads.current.get(id)?.stop.abort()
    uploads.current.delete(id)
  }

  const load = ({ role, asset_id }: UsedAsset): Chip => {
    const id = newKey()
    fetchAsset(asset_id).then(
      (asset) => dispatch({ do: 'status', id, status: { state: 'ready', asset } }),
      (error: unknown) => dispatch({ do: 'status', id, status: failed(error, false) }),
    )
    const { kind, label } = ROLES[role]
    return { id, role, kind, name: label, preview: null, status: { state: 'uploading', sent: 1 } }
  }

  const refill = (filled: Draft) => {
    for (const chip of draft.chips) drop(chip.id)
    dispatch({ do: 'fill', draft: filled })
  }

  return {
    draft,
    dispatch,
    addFiles,
    retry: (id) => {
      const upload = uploads.current.get(id)
      const chip = draft.chips.find((one) => one.id === id)
      if (upload && chip) send(id, chip.kind, upload.file)
    },
    remove: (id) => {
      drop(id)
      dispatch({ do: 'remove', id })
    },
    fillSample: (mode, prompt, files) => {
      refill({ ...EMPTY, settings: draft.settings, mode, prompt })
      for (const { file, role } of files) add(file, role)
    },
    fillFromJob: (job) => {
      refill({ ...draftOf(job), chips: assetsOf(job).map(load) })
    },
  }
}

function failed(error: unknown, passing: boolean): Chip['status'] {
  return { state: 'failed', message: problemWords(error).lines[0] ?? '', passing }
}
