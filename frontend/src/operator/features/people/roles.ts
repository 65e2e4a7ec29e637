import type { Admin } from '../../api.ts'

export const ROLES: { value: Admin<'Role'>; label: string }[] = [
  { value: 'creator', label: 'Creator: makes videos' },
  { value: 'operator', label: 'Operator: also runs the studio' },
  { value: 'service', label: 'Service: a program' },
]
