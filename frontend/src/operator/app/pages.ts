/** The pages of the console, in the order of its header. */
export const PAGES = [
  { href: '/', name: 'Queue' },
  { href: '/jobs', name: 'Jobs' },
  { href: '/templates', name: 'Templates' },
  { href: '/backends', name: 'Backends' },
  { href: '/storage', name: 'Storage' },
  { href: '/people', name: 'People' },
  { href: '/links', name: 'Links' },
  { href: '/webhooks', name: 'Webhooks' },
  { href: '/audit', name: 'Audit' },
] as const
