import type { Admin } from '../../api.ts'
import { STATUS_TONES } from '../status.ts'
import { plainWords } from '../words.ts'
import { Badge } from './Badge.tsx'

export function StatusBadge({ status }: { status: Admin<'JobStatus'> }) {
  return (
    <Badge tone={STATUS_TONES[status]} testId="status">
      {plainWords(status)}
    </Badge>
  )
}
