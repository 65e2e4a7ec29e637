import { useMemo } from 'react'

import { usePromise } from '../../api/jobs.ts'
import type { JobRequest } from '../../api/types.ts'
import { waitWords } from '../../lib/time.ts'
import { useDebounced } from '../../lib/useDebounced.ts'
import type { Draft, Settings } from './draft.ts'
import { toRequest } from './request.ts'

type Quality = Settings['quality']

/** How long making takes in each quality, as far as it is known: about 2 min. */
export function useQualityTimes(draft: Draft): Record<Quality, string | null> {
  const request = useDebounced(
    useMemo(() => toRequest(draft), [draft]),
    300,
  )
  return {
    draft: useTime(request, 'draft'),
    standard: useTime(request, 'standard'),
    high: useTime(request, 'high'),
  }
}

function useTime(request: JobRequest | null, quality_profile: Quality): string | null {
  const { data, isError } = usePromise(request && { ...request, quality_profile })
  if (request === null || isError || !data?.estimated_seconds) return null
  return waitWords(data.estimated_seconds)
}
