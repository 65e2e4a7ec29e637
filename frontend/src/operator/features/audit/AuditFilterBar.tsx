import { ChoiceFilter, FilterBar, TextFilter, TimeFilter } from '../../lib/ui/index.ts'
import { ACTION_CHOICES, NAMES, type AuditFilters } from './filter.ts'

type AuditFilterBarProps = { filters: AuditFilters; onChange: (part: AuditFilters) => void }

export function AuditFilterBar({ filters, onChange }: AuditFilterBarProps) {
  const field = (name: (typeof NAMES)[number]) => ({
    value: filters[name],
    onChange: (value: string) => onChange({ [name]: value }),
  })
  const clear = () => onChange(Object.fromEntries(NAMES.map((name) => [name, ''])))
  return (
    <FilterBar label="Filter the audit" active={Object.keys(filters).length > 0} onClear={clear}>
      <TextFilter label="Who" {...field('who')} />
      <ChoiceFilter label="Action" choices={ACTION_CHOICES} {...field('action')} />
      <TextFilter label="Subject" placeholder="backend/gpu-1:8188" {...field('subject')} />
      <TimeFilter label="From" {...field('since')} />
      <TimeFilter label="Before" {...field('until')} />
    </FilterBar>
  )
}
