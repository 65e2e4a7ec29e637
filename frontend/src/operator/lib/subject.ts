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

/** The page of what a line of the audit is about: `backend/gpu-1:443`; null where there is none. */
export function subjectHref(subject: string): string | null {
  const slash = subject.indexOf('/')
  const [noun, id] = [subject.slice(0, slash), subject.slice(slash + 1)]
  switch (noun) {
    case 'job':
      return `/jobs/${encodeURIComponent(id)}`
    case 'backend':
      return backendHref(id)
    case 'template':
      return templateHref(id)
    case 'user':
      return '/people'
    case 'share':
      return '/links'
    case 'webhook':
      return `/webhooks?webhook=${encodeURIComponent(id)}`
    case 'retention':
      return '/storage'
    default:
      return null
  }
}
