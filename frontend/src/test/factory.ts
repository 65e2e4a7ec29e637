import type { Asset, Job, JobEvent, Promised, Wait } from '../api/types.ts'
import { EMPTY, type Chip, type Draft } from '../features/composer/draft.ts'
import { ROLES, type RoleId } from '../lib/roles.ts'

export const AT = '2026-11-22T12:00:00Z'

export function asset(part: Partial<Asset> = {}): Asset {
  return {
    asset_id: 'asset-1',
    asset_type: 'image',
    mime_type: 'image/png',
    original_filename: 'file.png',
    storage_url: '/media/file.png',
    thumbnail_url: null,
    proxy_url: null,
    width: 832,
    height: 1248,
    duration_seconds: null,
    fps: null,
    has_audio: false,
    codec: 'png',
    size_bytes: 1,
    sha256: '',
    rotation: 0,
    variable_rate: false,
    dynamic_range: null,
    sample_rate: null,
    channels: null,
    checked: true,
    loudness_lufs: null,
    speech_seconds: null,
    cuts: null,
    faces: null,
    still_urls: [],
    still_times: [],
    waveform_url: null,
    unusable: null,
    warnings: [],
    created_at: AT,
    ...part,
  }
}

/** A chip whose file is ready; its asset is named after its role. */
export function chip(role: RoleId, part: Partial<Chip> = {}): Chip {
  return {
    id: role,
    role,
    kind: ROLES[role].kind,
    name: role,
    preview: null,
    status: { state: 'ready', asset: asset({ asset_id: `asset-${role}` }) },
    edit: { frame: null, start: 0, points: [], pointsLost: false, hint: '' },
    ...part,
  }
}

export function draft(part: Partial<Draft> = {}): Draft {
  const chips = [chip('ground-truth'), chip('motion-video'), chip('audio')]
  return { ...EMPTY, prompt: 'a dancer', chips, ...part }
}

export function job(part: Partial<Job> = {}): Job {
  return {
    job_id: 'job-1',
    mode: 'animate',
    workflow_template: '',
    status: 'executing',
    rev: 3,
    stage: 'animating',
    progress: 0.3,
    queue_position: null,
    wait: null,
    eta_seconds: null,
    error: null,
    submitted_by: '',
    prompt: 'a dancer',
    negative_prompt: '',
    settings_json: {
      mode: 'animate',
      prompt: 'a dancer',
      ground_truth_asset_id: 'asset-1',
      motion_video_asset_id: 'asset-2',
    },
    seed: 1,
    comfy_prompt_id: null,
    poster_url: null,
    output: null,
    segment_count: 1,
    segments_done: 0,
    growing: null,
    warnings: [],
    actions: [],
    origin: null,
    created_at: AT,
    updated_at: AT,
    ...part,
  }
}

export function event(part: Partial<JobEvent> = {}): JobEvent {
  return {
    job_id: 'job-1',
    rev: 4,
    position: 4,
    type: 'progress',
    status: 'executing',
    stage: 'animating',
    progress: 0.4,
    eta_seconds: null,
    error: null,
    segment_count: 1,
    segments_done: 0,
    created_at: AT,
    ...part,
  }
}

export function wait(part: Partial<Wait> = {}): Wait {
  return {
    reason: 'in_line',
    message: 'Other videos are made before yours.',
    position: 3,
    about: false,
    seconds: null,
    ...part,
  }
}

export function promised(part: Partial<Promised> = {}): Promised {
  return {
    mode: 'animate',
    width: 480,
    height: 832,
    fps: 16,
    frame_count: 96,
    duration_seconds: 6,
    segments: 2,
    has_audio: true,
    quality_profile: 'standard',
    aspect_ratio: '9:16',
    estimated_seconds: null,
    queue_position: 1,
    wait_seconds: null,
    warnings: [],
    not_checked: [],
    checking: false,
    ...part,
  }
}
