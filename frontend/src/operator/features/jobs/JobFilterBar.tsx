import { ChoiceFilter, FilterBar, TextFilter, TimeFilter } from '../../lib/ui/index.ts'
import { ERRORS, MODES, NAMES, STATUSES, SUBMODES, type JobFilters } from './filter.ts'

type JobFilterBarProps = { filters: JobFilters; onChange: (part: JobFilters) => void }

export function JobFilterBar({ filters, onChange }: JobFilterBarProps) {
  const field = (name: (typeof NAMES)[number]) => ({
    value: filters[name],
    onChange: (value: string) => onChange({ [name]: value }),
  })
  const clear = () => onChange(Object.fromEntries(NAMES.map((name) => [name, ''])))
  return (
    <FilterBar label="Filter jobs" active={Object.keys(filters).length > 0} onClear={clear}>
      <TextFilter label="Job id or reference" placeholder="F-0A1B2C3D" {...field('job_id')} />
      <TextFilter label="Words of the prompt" {...field('search')} />
      <TextFilter label="Owner" {...field('owner')} />
      <ChoiceFilter label="State" choices={STATUSES} {...field('status')} />
      <ChoiceFilter label="Failure" choices={ERRORS} {...field('error')} />
      <TextFilter label="Backend" {...field('backend')} />
      <TextFilter label="Prompt id" {...field('prompt_id')} />
      <TextFilter label="Template" placeholder="animate/move@1.0.0" {...field('template')} />
      <ChoiceFilter label="Mode" choices={MODES} {...field('mode')} />
      <ChoiceFilter label="Submode" choices={SUBMODES} {...field('submode')} />
      <TimeFilter label="Created from" {...field('since')} />
      <TimeFilter label="Created before" {...field('until')} />
    </FilterBar>
  )
}
