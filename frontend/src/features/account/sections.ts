export const SECTIONS = [
  { id: 'usage', label: 'Usage' },
  { id: 'tokens', label: 'Access tokens' },
  { id: 'browsers', label: 'Signed-in browsers' },
  { id: 'links', label: 'Links' },
  { id: 'notifications', label: 'Notifications to other services' },
] as const

export type SectionId = (typeof SECTIONS)[number]['id']
