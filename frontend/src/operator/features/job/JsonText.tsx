import { Fold } from './Fold.tsx'
import { PrettyJson } from './PrettyJson.tsx'

/** Something known, to be unfolded. */
export function JsonText({ name, value }: { name: string; value: unknown }) {
  return (
    <Fold name={name}>
      <PrettyJson name={name} value={value} />
    </Fold>
  )
}
