import { jobsWith } from '../../lib/sought.ts'
import { AppLink } from '../../lib/ui/index.ts'
import type { JobFilters } from './filter.ts'

/** What else the same text may have meant. */
export function NothingFound({ filters }: { filters: JobFilters }) {
  const text = filters.job_id ?? filters.search
  if (Object.keys(filters).length === 0) return 'There are no jobs yet.'
  if (text === undefined || Object.keys(filters).length > 1) return 'No job matches all of this.'
  return (
    <>
      No job matches this. Look for it as{' '}
      <AppLink href={jobsWith({ prompt_id: text })}>a prompt id</AppLink>,{' '}
      <AppLink href={jobsWith({ owner: text })}>an owner</AppLink>
      {filters.job_id && (
        <>
          {' '}
          or <AppLink href={jobsWith({ search: text })}>words of a prompt</AppLink>
        </>
      )}
      .
    </>
  )
}
