import type { QueryClient } from '@tanstack/react-query'

const removedKey = ['removed-jobs'] as const

/** Remember that a job is deleted: answers that were on their way then still list it. */
export function noteRemoved(queries: QueryClient, job_id: string): void {
  queries.setQueryData<string[]>(removedKey, (removed = []) => [...removed, job_id])
}

export function noteRestored(queries: QueryClient, job_id: string): void {
  queries.setQueryData<string[]>(removedKey, (removed = []) =>
    removed.filter((one) => one !== job_id),
  )
}

export function isRemoved(queries: QueryClient, job_id: string): boolean {
  return queries.getQueryData<string[]>(removedKey)?.includes(job_id) ?? false
}
