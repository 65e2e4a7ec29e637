import { problemWords } from '../../lib/words.ts'
import { Time } from '../../lib/ui/index.ts'

type HealthNoteProps = { error: unknown; checkedAt: string | null }

/** How old what is shown is, and why nothing newer is known. */
export function HealthNote({ error, checkedAt }: HealthNoteProps) {
  return (
    <div className={error ? 'text-bad' : 'text-muted'}>
      {Boolean(error) && problemWords(error).lines.map((line) => <p key={line}>{line}</p>)}
      <p>
        {checkedAt === null ? (
          'Nothing is known yet.'
        ) : (
          <>
            {error ? 'Last known, ' : 'Checked '}
            <Time at={checkedAt} />
          </>
        )}
      </p>
    </div>
  )
}
