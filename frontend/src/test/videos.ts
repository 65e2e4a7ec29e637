import type { Job, JobOutput, JobSegment } from '../api/types.ts'
import { AT } from './factory.ts'

/** What exists of a video after `segments` parts of 4.8 seconds. */
export function growing(segments: number): NonNullable<Job['growing']> {
  return {
    video_url: `/media/grown-${segments}.mp4`,
    duration_seconds: segments * 4.8,
    frame_count: segments * 77,
    segments,
  }
}

export function segment(index: number, part: Partial<JobSegment> = {}): JobSegment {
  return {
    index,
    start_seconds: index * 4.8,
    duration_seconds: 4.8,
    frame_count: 77,
    state: 'done',
    taken_over: false,
    warnings: [],
    ...part,
  }
}

export function output(part: Partial<JobOutput> = {}): JobOutput {
  return {
    output_id: 'output-1',
    job_id: 'job-1',
    video_url: '/media/video.mp4',
    download_url: '/media/video.mp4?download',
    poster_url: '/media/poster.jpg',
    manifest_url: '/media/manifest.json',
    duration_seconds: 14.4,
    resolution: '480x832',
    fps: 16,
    frame_count: 231,
    has_audio: true,
    simulated: false,
    stopped_early: false,
    files: {},
    created_at: AT,
    ...part,
  }
}
