import { useQuery } from '@tanstack/react-query'

import { fetchAsset } from '../../api/assets.ts'
import type { Job } from '../../api/types.ts'

/** The motion clip of a job, and where its video begins in it; null for a job without one. */
export function clipOf({ settings_json: request }: Job) {
  if (request.mode !== 'animate') return null
  return { asset_id: request.motion_video_asset_id, start: request.source_start_seconds ?? 0 }
}

export function useClip(asset_id: string) {
  return useQuery({
    queryKey: ['asset', asset_id],
    queryFn: () => fetchAsset(asset_id),
    staleTime: Infinity,
  })
}
