import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { jobsKey } from './jobCache.ts'

/** A page with many pictures asks once for all that have run out. */
const AT_MOST_EVERY_MS = 30_000

/** Ask again for what is shown when a picture of it can't be had: signed addresses run out. */
export function useFreshMedia(): void {
  const queries = useQueryClient()
  useEffect(() => {
    let askedAt = 0
    const onError = ({ target }: Event) => {
      const isOurs = target instanceof HTMLImageElement && target.src.includes('/media/')
      if (!isOurs || Date.now() - askedAt < AT_MOST_EVERY_MS) return
      askedAt = Date.now()
      for (const queryKey of [jobsKey, ['job'], ['asset']]) {
        void queries.invalidateQueries({ queryKey })
      }
    }
    // Errors of pictures do not rise; they are seen on their way down.
    addEventListener('error', onError, { capture: true })
    return () => removeEventListener('error', onError, { capture: true })
  }, [queries])
}
