import type { Admin } from '../../api.ts'
import { Badge, Code, Duration, Table, Time, type Column, type Tone } from '../../lib/ui/index.ts'
import { secondsBetween } from '../../lib/words.ts'
import { Answer } from './Answer.tsx'
import { attemptState, segmentName } from './attempt.ts'

type JobPrompt = Admin<'JobPrompt'>

const TONES: Record<string, Tone> = {
  succeeded: 'ok',
  failed: 'bad',
  interrupted: 'warn',
  lost: 'warn',
  sent: 'busy',
}

const COLUMNS: Column<JobPrompt>[] = [
  { head: 'Segment', cell: ({ segment }) => segmentName(segment) },
  { head: 'Attempt', atEnd: true, cell: ({ generation }) => generation + 1 },
  {
    head: 'State',
    cell: (prompt) => {
      const state = attemptState(prompt)
      return <Badge tone={TONES[state] ?? 'calm'}>{state}</Badge>
    },
  },
  {
    head: 'Cause and answer',
    className: 'min-w-72 max-w-2xl',
    cell: ({ cause, answer }) => (
      <>
        {cause && <code className="block font-mono text-xs break-words text-bad">{cause}</code>}
        {answer && <Answer text={answer} />}
      </>
    ),
  },
  { head: 'Backend', className: 'whitespace-nowrap', cell: ({ backend_id }) => backend_id },
  {
    head: 'Prompt id',
    className: 'min-w-80',
    cell: ({ prompt_id }) => <Code text={prompt_id} of="prompt id" />,
  },
  { head: 'Sent', atEnd: true, cell: ({ posted_at }) => <Time at={posted_at} /> },
  {
    head: 'Took',
    atEnd: true,
    cell: ({ posted_at, settled_at }) => (
      <Duration seconds={posted_at && settled_at ? secondsBetween(posted_at, settled_at) : null} />
    ),
  },
]

/** What was sent to backends, one row for each try. */
export function AttemptTable({ prompts }: { prompts: JobPrompt[] }) {
  return (
    <Table
      caption="Attempts, first to last"
      columns={COLUMNS}
      rows={prompts}
      rowKey={({ prompt_id }) => prompt_id}
      empty="Nothing was sent to a backend."
    />
  )
}
