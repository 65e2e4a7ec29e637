import type { Admin } from '../../api.ts'
import { Empty } from '../../lib/ui/index.ts'
import { JobInput } from './JobInput.tsx'

export function JobInputs({ inputs }: { inputs: Admin<'JobInput'>[] }) {
  if (inputs.length === 0) return <Empty>It has none.</Empty>
  return (
    <ul className="grid gap-2">
      {inputs.map((input) => (
        <JobInput key={input.asset_id} input={input} />
      ))}
    </ul>
  )
}
