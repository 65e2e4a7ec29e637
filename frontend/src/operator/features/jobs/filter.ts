import type { paths } from '../../../api/schema.gen.ts'
import type { Admin } from '../../api.ts'
import type { Filters } from '../../lib/useFilters.ts'
import { plainWords } from '../../lib/words.ts'

/** As the API names them. */
export const NAMES = [
  'job_id',
  'search',
  'owner',
  'status',
  'mode',
  'submode',
  'template',
  'backend',
  'prompt_id',
  'error',
  'since',
  'until',
] as const

export type JobFilters = Filters<(typeof NAMES)[number]>
export type JobQuery = NonNullable<paths['/api/admin/jobs']['get']['parameters']['query']>

/** What the API is asked for. Several states stand in the address with commas between. */
export function queryOf({ status, ...rest }: JobFilters): JobQuery {
  return { ...rest, ...(status && { status: status.split(',') }) } as JobQuery
}

const NOT_OVER = 'accepted,uploaded,queued,executing,collecting_outputs,cancelling'

export const STATUSES = [
  { value: 'failed', label: 'Failed' },
  { value: NOT_OVER, label: 'Not over yet' },
  { value: 'queued', label: 'Queued' },
  { value: 'executing,collecting_outputs', label: 'Executing' },
  { value: 'completed', label: 'Completed' },
  { value: 'cancelled', label: 'Cancelled' },
]

export const MODES = [
  { value: 'animate', label: 'animate' },
  { value: 'audio-performance', label: 'audio-performance' },
]

export const SUBMODES = [
  { value: 'move', label: 'move' },
  { value: 'mix', label: 'mix' },
]

const FAILURES: Admin<'ErrorCode'>[] = [
  'comfyui_queue_failure',
  'comfyui_upload_failure',
  'generation_failure',
  'generation_timeout',
  'result_collection_failure',
  'workflow_binding_failure',
  'missing_asset',
  'invalid_asset_format',
  'invalid_request',
  'too_long',
  'too_short',
  'too_large',
  'wrong_asset_kind',
  'internal',
]

export const ERRORS = FAILURES.map((value) => ({ value, label: plainWords(value) }))
