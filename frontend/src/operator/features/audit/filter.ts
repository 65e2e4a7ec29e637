import type { paths } from '../../../api/schema.gen.ts'
import type { Filters } from '../../lib/useFilters.ts'

/** As the API names them. */
export const NAMES = ['who', 'action', 'subject', 'since', 'until'] as const

export type AuditFilters = Filters<(typeof NAMES)[number]>
export type AuditQuery = NonNullable<paths['/api/admin/audit']['get']['parameters']['query']>

/** A noun alone stands for all that is done with it. */
const ACTIONS = [
  'backend',
  'backend.add',
  'backend.cordon',
  'backend.drain',
  'backend.offer',
  'backend.quarantine',
  'backend.uncordon',
  'backend.remove',
  'asset',
  'audit.export',
  'job',
  'job.cancel',
  'job.create',
  'job.read',
  'job.priority',
  'job.replay',
  'job.retry',
  'jobs.read',
  'limits.set',
  'retention.run',
  'session',
  'share',
  'template',
  'template.activate',
  'template.canary',
  'template.roll-back',
  'token',
  'user',
  'webhook',
  'webhook.read',
]

export const ACTION_CHOICES = ACTIONS.map((value) => ({
  value,
  label: value.includes('.') ? value : `${value}, all of it`,
}))
