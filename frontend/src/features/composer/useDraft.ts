import { useEffect, useEffectEvent, useReducer, useRef, type Dispatch } from 'react'

import type { SampleInRole } from '../../api/samples.ts'
import type { Asset, Job } from '../../api/types.ts'
import type { ModeId } from '../../lib/modes.ts'
import { newKey } from '../../lib/newKey.ts'
import { canBeShown, guessRole, kindOf, ROLES, type RoleId } from '../../lib/roles.ts'
import { draftReducer, EMPTY, type Chip, type Draft, type DraftAction } from './draft.ts'
import { UNEDITED, type Edit } from './edit.ts'
import { keepDraft, knownChip, recallDraft } from './keptDraft.ts'
import type { Source } from './sources.ts'

export type DraftControl = {
  draft: Draft
  dispatch: Dispatch<DraftAction>
  /** role: the one that was asked for; a file of another kind gets the one that fits it. */
  addFiles: (files: File[], role?: RoleId) => void
  retry: (id: string) => void
  remove: (id: string) => void
  fillSample: (mode: ModeId, prompt: string, files: SampleInRole[]) => void
  /** again: with the same variation number. */
  fillFromJob: (job: Job, how: { again: boolean }) => Promise<void>
}

type Sending = { source: Source; stop: AbortController }

/** What a sample is made with: the same result every time, and soon. */
const OF_SAMPLES = { ...EMPTY.settings, quality: 'draft', variation: '1' } as const

/** The composer's content, and the uploads that go with it. It survives a reload of its tab. */
export function useDraft(): DraftControl {
  const [draft, dispatch] = useReducer(draftReducer, null, recallDraft)
  const sending = useRef(new Map<string, Sending>())

  const send = async (id: string, source: Source, editOf?: (asset: Asset) => Partial<Edit>) => {
    const stop = new AbortController()
    sending.current.set(id, { source, stop })
    const sent = source.from === 'server' ? 1 : 0
    const known = source.from === 'server' ? { known: source.asset_id } : {}
    dispatch({ do: 'status', id, status: { state: 'uploading', sent, ...known } })
    const onProgress = (part: number) =>
      dispatch({ do: 'status', id, status: { state: 'uploading', sent: part } })
    const { assetFrom, failed } = await import('./sources.ts')
    try {
      const asset = await assetFrom(source, { onProgress, signal: stop.signal })
      dispatch({ do: 'status', id, status: { state: 'ready', asset } })
      if (editOf) dispatch({ do: 'edit', id, part: editOf(asset) })
    } catch (error) {
      dispatch({ do: 'status', id, status: failed(error) })
    }
  }

  const add = (role: RoleId, name: string, preview: string | null, source: Source) => {
    const { kind } = ROLES[role]
    const status = { state: 'uploading', sent: 0 } as const
    const chip: Chip = { id: newKey(), role, kind, name, preview, status, edit: UNEDITED }
    dispatch({ do: 'add', chip })
    void send(chip.id, source)
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
      const seen = kind !== 'audio' && canBeShown(file)
      const preview = seen ? URL.createObjectURL(file) : null
      add(role, file.name, preview, { from: 'file', file, kind })
    }
    dispatch({ do: 'set', part: { refused } })
  }

  const drop = (id: string) => {
    sending.current.get(id)?.stop.abort()
    sending.current.delete(id)
  }

  const refill = (filled: Draft) => {
    for (const chip of draft.chips) drop(chip.id)
    dispatch({ do: 'fill', draft: filled })
  }

  const askForKnown = useEffectEvent(() => {
    for (const { id, status } of draft.chips) {
      if (status.state === 'uploading' && status.known) {
        void send(id, { from: 'server', asset_id: status.known })
      }
    }
  })
  useEffect(() => askForKnown(), [])
  useEffect(() => keepDraft(draft), [draft])

  return {
    draft,
    dispatch,
    addFiles,
    retry: (id) => {
      const again = sending.current.get(id)
      if (again) void send(id, again.source)
    },
    remove: (id) => {
      drop(id)
      dispatch({ do: 'remove', id })
    },
    fillSample: (mode, prompt, files) => {
      refill({ ...EMPTY, settings: OF_SAMPLES, mode, prompt })
      for (const { role, sample } of files) {
        const preview = sample.kind === 'audio' ? null : sample.url
        add(role, sample.name, preview, { from: 'samples', sample })
      }
    },
    fillFromJob: async (job, how) => {
      const { assetsOf, draftOf, frameOf } = await import('./fromJob.ts')
      const filled = draftOf(job, how)
      const used = assetsOf(job).map((one) => ({
        ...one,
        chip: knownChip({ ...one, name: ROLES[one.role].label }),
      }))
      refill({ ...filled, chips: used.map(({ chip }) => chip) })
      for (const { chip, asset_id, crop } of used) {
        const { shape } = filled.settings
        const frame = (asset: Asset) => ({ frame: crop && frameOf(crop, asset, shape) })
        void send(chip.id, { from: 'server', asset_id }, crop ? frame : undefined)
      }
    },
  }
}
