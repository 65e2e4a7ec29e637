import type { JobRequest } from '../../api/types.ts'
import { cropOf, type Crop } from '../../lib/frame.ts'
import { takesRole } from '../../lib/modes.ts'
import type { RoleId } from '../../lib/roles.ts'
import { sourceOf, type Chip, type Draft, type Settings } from './draft.ts'
import { preflight } from './preflight.ts'

/** The job a draft asks for; null while something is missing. */
export function toRequest(draft: Draft): JobRequest | null {
  if (preflight(draft).some((check) => check.blocks)) return null
  const { settings } = draft
  const source = sourceOf(draft)
  const shared = {
    prompt: draft.prompt.trim(),
    negative_prompt: settings.avoid.trim(),
    ground_truth_asset_id: assetIds(draft, 'ground-truth')[0] ?? '',
    reference_asset_ids: assetIds(draft, 'reference'),
    pose_sheet_asset_ids: assetIds(draft, 'pose-sheet'),
    pose_hints: poseHints(draft),
    crop: cropOfDraft(draft),
    aspect_ratio: settings.shape,
    quality_profile: settings.quality,
    seed: numberOf(settings.variation),
    extension_segments: numberOf(settings.parts),
    source_start_seconds: source?.edit.start ?? 0,
    duration_override_seconds: numberOf(settings.length),
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
    subject_points: mix ? (source?.edit.points ?? []) : [],
    background_preservation: mix ? settings.keepBackground : null,
    relighting: mix ? settings.matchLight : null,
  }
}

/** How closely to follow the voice is a choice from Standard on. */
export function takesAdherence(settings: Settings): boolean {
  return settings.quality !== 'draft'
}

function numberOf(typed: string): number | null {
  return typed === '' ? null : Number(typed)
}

function chipsOf({ mode, chips }: Draft, role: RoleId): Chip[] {
  return takesRole(mode, role) ? chips.filter((chip) => chip.role === role) : []
}

function assetIds(draft: Draft, role: RoleId): string[] {
  return chipsOf(draft, role).flatMap(({ status }) =>
    status.state === 'ready' ? [status.asset.asset_id] : [],
  )
}

/** One for each pose sheet, in their order; none where nothing is said of any. */
function poseHints(draft: Draft): string[] {
  const hints = chipsOf(draft, 'pose-sheet').map(({ edit }) => edit.hint)
  return hints.some((hint) => hint !== '') ? hints : []
}

function cropOfDraft(draft: Draft): Crop | null {
  const [character] = chipsOf(draft, 'ground-truth')
  return character ? cropOfChip(character, draft.settings) : null
}

/** The part of a picture that is shown; null: the middle, or as long as its size is not known. */
export function cropOfChip(
  { status, edit }: Chip,
  { shape }: Pick<Settings, 'shape'>,
): Crop | null {
  if (status.state !== 'ready') return null
  const { width, height } = status.asset
  return width && height ? cropOf(edit.frame, { width, height }, shape) : null
}
