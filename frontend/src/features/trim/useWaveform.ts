import { useQuery } from '@tanstack/react-query'

import type { Asset } from '../../api/types.ts'

/** peaks: from 0 to 1, evenly over the length of the sound. */
export type Levels = { duration_seconds: number; peaks: number[] }

/** How the sound of a file swells; asked for once, for a file never changes. */
export function useWaveform({ asset_id, waveform_url }: Asset) {
  return useQuery({
    queryKey: ['waveform', asset_id],
    queryFn: async (): Promise<Levels> => {
      const response = await fetch(waveform_url ?? '')
      if (!response.ok) throw new Error(`waveform: ${response.status}`)
      return response.json() as Promise<Levels>
    },
    enabled: waveform_url !== null,
    // Signed addresses expire for good.
    retry: false,
    staleTime: Infinity,
  })
}
