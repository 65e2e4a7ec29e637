import type { Job, JobRequest } from '../../api/types.ts'
import { takesRole, type ModeId } from '../../lib/modes.ts'
import type { RoleId } from '../../lib/roles.ts'
import { EMPTY, type Draft, type Settings } from './draft.ts'
import { preflight } from './preflight.ts'

/** The job a draft asks for; null while something is missing. */
export function toRequest(draft: Draft): JobRequest | null {
  if (preflight(draft).some((check) => check.blocks)) return null
  const { settings } = draft
  const shared = {
    prompt: draft.prompt.trim(),
    negative_prompt: settings.avoid.trim(),
    ground_truth_asset_id: assetIds(draft, 'ground-truth')[0] ?? '',
    reference_asset_ids: assetIds(draft, 'reference'),
    pose_sheet_asset_ids: assetIds(draft, 'pose-sheet'),
    aspect_ratio: settings.shape,
    quality_profile: settings.quality,
    seed: settings.variation === '' ? null : Number(settings.variation),
    duration_override_seconds: settings.length === '' ? null : Number(settings.length),
  }
  if (draft.mode === 'audio') {
    return {
      ...shared,
      mode: 'audio-performance',
      audio_asset_id: assetIds(draft, 'audio')[0] ?? '',
      framing_mode: settings.framing,
      audio_adherence_profile: takesAdherence(settings) ? settings.adherence : null,
    }
  }
  const mix = draft.mode === 'mix'
  return {
    ...shared,
    mode: 'animate',
    motion_video_asset_id: assetIds(draft, 'motion-video')[0] ?? '',
    animate_submode: draft.mode,
    background_preservation: mix ? settings.keepBackground : null,
    relighting: mix ? settings.matchLight : null,
  }
}

/** How closely to follow the voice is a choice from Standard on. */
export function takesAdherence(settings: Settings): boolean {
  return settings.quality !== 'draft'
}

function assetIds({ mode, chips }: Draft, role: RoleId): string[] {
  if (!takesRole(mode, role)) return []
  return chips.flatMap((chip) =>
    chip.role === role && chip.status.state === 'ready' ? [chip.status.asset.asset_id] : [],
  )
}

export type UsedAsset = { role: RoleId; asset_id: string }

/** The files a job was made from. */
export function assetsOf({ settings_json: request }: Job): UsedAsset[] {
  const source: UsedAsset =
    request.mode === 'animate'
      ? { role: 'motion-video', asset_id: request.motion_video_asset_id }
      : { role: 'audio', asset_id: request.audio_asset_id }
  return [
    { role: 'ground-truth', asset_id: request.ground_truth_asset_id },
    source,
    ...named('reference', request.reference_asset_ids),
    ...named('pose-sheet', request.pose_sheet_asset_ids),
  ]
}

function named(role: RoleId, ids: string[] = []): UsedAsset[] {
  return ids.map((asset_id) => ({ role, asset_id }))
}

/** The draft a job came from, without its files and its variation number: that one is drawn anew. */
export function draftOf({ settings_json: request }: Job): Draft {
  const fresh = EMPTY.settings
  const settings: Settings = {
    ...fresh,
    shape: request.aspect_ratio ?? fresh.shape,
    quality: request.quality_profile ?? fresh.quality,
    avoid: request.negative_prompt ?? '',
    length: request.duration_override_seconds?.toString() ?? '',
  }
  if (request.mode === 'animate') {
    settings.keepBackground = request.background_preservation ?? true
    settings.matchLight = request.relighting ?? true
  } else {
    settings.framing = request.framing_mode ?? fresh.framing
    settings.adherence = request.audio_adherence_profile ?? fresh.adherence
  }
  const mode: ModeId = request.mode === 'animate' ? (request.animate_submode ?? 'move') : 'audio'
  return { ...EMPTY, mode, prompt: request.prompt, settings }
}
