import type { Promised } from '../../api/types.ts'
import { Checks } from './Checks.tsx'
import { PromiseLine } from './PromiseLine.tsx'
import { promiseChecks } from './promiseWords.ts'
import type { Tools } from './remedies.ts'

/** What Generate would make, and what is worth knowing of it before. */
export default function Prospect({ promised, tools }: { promised: Promised; tools: Tools }) {
  return (
    <>
      <PromiseLine promised={promised} />
      <Checks checks={promiseChecks(promised)} tools={tools} />
    </>
  )
}
