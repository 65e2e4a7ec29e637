import type { Admin } from '../../api.ts'
import { Duration, Stat, Stats } from '../../lib/ui/index.ts'
import { plainWords } from '../../lib/words.ts'

/** How long the job was in each stage, all runs together. */
export function Stages({ stages }: { stages: Admin<'StageTime'>[] }) {
  if (stages.length === 0) return null
  return (
    <Stats>
      {stages.map(({ stage, seconds }) => (
        <Stat key={stage} label={plainWords(stage)} value={<Duration seconds={seconds} />} />
      ))}
    </Stats>
  )
}
