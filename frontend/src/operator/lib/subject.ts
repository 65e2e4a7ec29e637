/** Where the pages are that tell of one thing only. */
export function backendHref(backend_id: string): string {
  return `/backends?backend=${encodeURIComponent(backend_id)}`
}

export function templateHref(template_id: string): string {
  return `/templates?template=${encodeURIComponent(template_id)}`
}

/** The audit page with only what concerns a subject. */
export function auditHref(subject: string): string {
  return `/audit?subject=${encodeURIComponent(subject)}`
}

/** The page of what a line of the audit is about: `backend/gpu-1:443`. */
export function subjectHref(subject: string): string {
  const slash = subject.indexOf('/')
  const [noun, id] = [subject.slice(0, slash), subject.slice(slash + 1)]
  switch (noun) {
    case 'job':
      return `/jobs/${encodeURIComponent(id)}`
    case 'backend':
      return backendHref(id)
    case 'template':
      return templateHref(id)
    default:
      return '/storage'
  }
}
