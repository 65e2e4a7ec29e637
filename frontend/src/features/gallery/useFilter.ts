import { useEffect, useState } from 'react'
import { useLocation, useSearch } from 'wouter'

import { NO_FILTER, type JobFilter, type JobState } from '../../api/jobFilter.ts'
import { MODE_IDS } from '../../lib/modes.ts'

export const STATES: readonly JobState[] = ['running', 'finished', 'unfinished']

/** The filter that an address tells; what it does not know is no filter. */
export function filterOf(search: string): JobFilter {
  const asked = new URLSearchParams(search)
  return {
    search: asked.get('q')?.trim() ?? '',
    kind: MODE_IDS.find((kind) => kind === asked.get('kind')) ?? null,
    state: STATES.find((state) => state === asked.get('state')) ?? null,
  }
}

/** The query of an address with the filter in it, and the rest as it is. */
export function withFilter(search: string, { search: q, kind, state }: JobFilter): string {
  const asked = new URLSearchParams(search)
  for (const [name, value] of Object.entries({ q, kind, state })) {
    if (value) asked.set(name, value)
    else asked.delete(name)
  }
  return asked.toString()
}

type Filtering = { filter: JobFilter; since: string }

/**
 * What the wall is filtered by, kept in the studio's address. A single video over it has an address
 * of its own, and the filter is still there when it is closed.
 *
 * since: when it was last changed, in ISO format.
 */
export function useFilter() {
  const [path, navigate] = useLocation()
  const query = useSearch()
  const [{ filter, since }, setFiltering] = useState<Filtering>(() => begin(filterOf(query)))
  const wanted = withFilter(query, filter)

  useEffect(() => {
    if (path !== '/' || wanted === new URLSearchParams(query).toString()) return
    navigate(wanted === '' ? '/' : `/?${wanted}`, { replace: true })
  }, [path, query, wanted, navigate])

  return {
    filter,
    since,
    setFilter: (part: Partial<JobFilter>) =>
      setFiltering(({ filter }) => begin({ ...filter, ...part })),
    clear: () => setFiltering(begin(NO_FILTER)),
  }
}

function begin(filter: JobFilter): Filtering {
  return { filter, since: new Date().toISOString() }
}
