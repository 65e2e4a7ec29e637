import type { Asset, Job, JobRequest } from '../../api/types.ts'
import { keptPart, MIDDLE, type Crop, type Frame, type Shape } from '../../lib/frame.ts'
import type { ModeId } from '../../lib/modes.ts'
import type { RoleId } from '../../lib/roles.ts'
import { EMPTY, type Draft, type Settings } from './draft.ts'
import { UNEDITED, type Edit } from './edit.ts'

/** A file a job was made from, and how it was used. crop: of the character's picture. */
export type UsedAsset = { role: RoleId; asset_id: string; edit: Edit; crop: Crop | null }

export function assetsOf({ settings_json: request }: Job): UsedAsset[] {
  const { reference_asset_ids: references = [], pose_hints: hints = [] } = request
  const poses = request.pose_sheet_asset_ids ?? []
  return [
    { ...used('ground-truth', request.ground_truth_asset_id), crop: cropOf(request) },
    sourceOf(request),
    ...references.map((asset_id) => used('reference', asset_id)),
    ...poses.map((asset_id, index) => used('pose-sheet', asset_id, { hint: hints[index] ?? '' })),
  ]
}

function cropOf({ crop }: JobRequest): Crop | null {
  return crop ? { x: 0, y: 0, width: 1, height: 1, ...crop } : null
}

function sourceOf(request: JobRequest): UsedAsset {
  const start = request.source_start_seconds ?? 0
  if (request.mode === 'audio-performance') return used('audio', request.audio_asset_id, { start })
  const points = request.subject_points ?? []
  return used('motion-video', request.motion_video_asset_id, { start, points })
}

function used(role: RoleId, asset_id: string, part: Partial<Edit> = {}): UsedAsset {
  return { role, asset_id, edit: { ...UNEDITED, ...part }, crop: null }
}

/** The frame that keeps this part of a picture in this shape. */
export function frameOf(crop: Crop, { width, height }: Asset, shape: Shape): Frame | null {
  if (!width || !height) return null
  const whole = keptPart(MIDDLE, { width, height }, shape)
  return {
    x: crop.x + crop.width / 2,
    y: crop.y + crop.height / 2,
    zoom: whole.width / crop.width,
  }
}

/**
 * The draft a job came from, without its files. again: with its variation number, so that it makes
 * the same; else one is drawn anew.
 */
export function draftOf(job: Job, { again }: { again: boolean }): Draft {
  const request = job.settings_json
  const fresh = EMPTY.settings
  const settings: Settings = {
    ...fresh,
    shape: request.aspect_ratio ?? fresh.shape,
    quality: request.quality_profile ?? fresh.quality,
    avoid: request.negative_prompt ?? '',
    length: request.duration_override_seconds?.toString() ?? '',
    parts: request.extension_segments?.toString() ?? '',
    variation: again ? job.seed.toString() : '',
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
