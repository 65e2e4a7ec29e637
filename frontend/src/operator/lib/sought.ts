const WHOLE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const REFERENCE = /^F-[0-9a-f-]{1,36}$/i
/** Words can be of these letters too, so an id's first part has to have a digit. */
const ID_START = /^(?=.*\d)[0-9a-f-]{4,36}$/i
/** Ours are made of names and numbers by SHA-1: RFC 9562, version 5. A job's are not. */
const PROMPT_ID = /^.{14}5/

/** Where the jobs are listed that somebody may mean. */
export function soughtAddress(sought: string): string {
  const text = sought.trim()
  if (WHOLE_ID.test(text)) {
    return PROMPT_ID.test(text) ? jobsWith({ prompt_id: text.toLowerCase() }) : jobHref(text)
  }
  if (REFERENCE.test(text) || ID_START.test(text)) return jobsWith({ job_id: text })
  return jobsWith({ search: text })
}

export function jobHref(job_id: string): string {
  return `/jobs/${encodeURIComponent(job_id.toLowerCase())}`
}

/** The jobs page with these filters. */
export function jobsWith(filters: Record<string, string>): string {
  return `/jobs?${new URLSearchParams(filters).toString()}`
}

/** What differs between two jobs. */
export function diffHref(left: string, right: string): string {
  return `${jobHref(left)}/diff/${encodeURIComponent(right.toLowerCase())}`
}
