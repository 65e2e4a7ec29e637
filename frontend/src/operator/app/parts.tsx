import { lazy } from 'react'

/** What is loaded when it is first shown. */
export const TemplatesPage = lazy(async () => {
  const { TemplatesPage } = await import('../features/templates/index.ts')
  return { default: TemplatesPage }
})

export const BackendsPage = lazy(async () => {
  const { BackendsPage } = await import('../features/backends/index.ts')
  return { default: BackendsPage }
})

export const AuditPage = lazy(async () => {
  const { AuditPage } = await import('../features/audit/index.ts')
  return { default: AuditPage }
})

export const StoragePage = lazy(async () => {
  const { StoragePage } = await import('../features/storage/index.ts')
  return { default: StoragePage }
})

export const HealthStrip = lazy(async () => {
  const { HealthStrip } = await import('../features/health/index.ts')
  return { default: HealthStrip }
})

export const JobsPage = lazy(() => import('../features/jobs/JobsPage.tsx'))
export const JobPage = lazy(() => import('../features/job/JobPage.tsx'))
export const DiffPage = lazy(() => import('../features/diff/DiffPage.tsx'))
export const PeoplePage = lazy(async () => {
  const { PeoplePage } = await import('../features/people/PeoplePage.tsx')
  return { default: PeoplePage }
})

export const LinksPage = lazy(async () => {
  const { LinksPage } = await import('../features/links/LinksPage.tsx')
  return { default: LinksPage }
})

export const WebhooksPage = lazy(async () => {
  const { WebhooksPage } = await import('../features/webhooks/WebhooksPage.tsx')
  return { default: WebhooksPage }
})
