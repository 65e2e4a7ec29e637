import { TextField } from '../../../components/TextField.tsx'
import { faultOf, type TrialName, type TypedTrial } from './trial.ts'

const LABELS: Record<TrialName, string> = {
  percent: 'Percent of new jobs',
  leastRuns: 'Runs that end before it can be taken back by itself',
  mostFailures: 'It is taken back when more than this percent of them failed',
}

type TrialFieldsProps = { typed: TypedTrial; onChange: (typed: TypedTrial) => void }

/** How large a trial is, and when it is taken back by itself. */
export function TrialFields({ typed, onChange }: TrialFieldsProps) {
  return (Object.keys(LABELS) as TrialName[]).map((name) => (
    <TextField
      key={name}
      label={LABELS[name]}
      inputMode="numeric"
      autoComplete="off"
      value={typed[name]}
      fault={faultOf(typed, name)}
      onChange={(value) => onChange({ ...typed, [name]: value })}
      data-testid={`trial-${name}`}
    />
  ))
}
