import type { JobFilter, JobState } from '../../api/jobFilter.ts'
import { MODE_IDS, MODES, type ModeId } from '../../lib/modes.ts'
import { Choice } from './Choice.tsx'
import { SearchField } from './SearchField.tsx'
import { STATES } from './useFilter.ts'

type FilterBarProps = {
  filter: JobFilter
  onChange: (part: Partial<JobFilter>) => void
}

const STATE_WORDS: Record<JobState, string> = {
  running: 'Running',
  finished: 'Finished',
  unfinished: 'Not finished',
}
const KIND_WORDS: Record<ModeId, string> = {
  move: MODES.move.label,
  mix: MODES.mix.label,
  audio: MODES.audio.label,
}

/** How to find one of many videos. */
export function FilterBar({ filter, onChange }: FilterBarProps) {
  return (
    <search aria-label="Your videos" className="flex flex-wrap gap-2" data-testid="filter-bar">
      <SearchField value={filter.search} onChange={(search) => onChange({ search })} />
      <Choice
        label="Kind"
        all="All kinds"
        options={MODE_IDS}
        words={KIND_WORDS}
        value={filter.kind}
        onChange={(kind) => onChange({ kind })}
      />
      <Choice
        label="State"
        all="All states"
        options={STATES}
        words={STATE_WORDS}
        value={filter.state}
        onChange={(state) => onChange({ state })}
      />
    </search>
  )
}
