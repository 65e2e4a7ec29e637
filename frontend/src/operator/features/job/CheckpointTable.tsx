import type { Admin } from '../../api.ts'
import { jobHref } from '../../lib/sought.ts'
import { AppLink, Code, Duration, JobId, Table, type Column } from '../../lib/ui/index.ts'
import { sizeWords } from '../../lib/words.ts'
import { segmentName } from './attempt.ts'

type JobCheckpoint = Admin<'JobCheckpoint'>

const COLUMNS: Column<JobCheckpoint>[] = [
  { head: 'Segment', cell: ({ segment }) => segmentName(segment) },
  { head: 'Frames', atEnd: true, cell: ({ frames }) => frames },
  { head: 'Rendered in', atEnd: true, cell: ({ render_s }) => <Duration seconds={render_s} /> },
  { head: 'Backend', className: 'whitespace-nowrap', cell: ({ backend_id }) => backend_id },
  {
    head: 'Prompt id',
    cell: ({ prompt_id }) => <Code text={prompt_id} of="prompt id" short />,
  },
  { head: 'Seed', atEnd: true, cell: ({ seed }) => seed },
  {
    head: 'Files',
    className: 'whitespace-nowrap',
    cell: ({ files, graph }) => (
      <span className="flex gap-x-3">
        {[...Object.entries(files), ['graph', graph] as const].map(([name, file]) => (
          <span key={name}>
            <a
              href={file.url}
              target="_blank"
              rel="noreferrer"
              className="underline decoration-line underline-offset-2 hover:text-accent"
            >
              {name}
            </a>{' '}
            <span className="text-xs text-muted">{sizeWords(file.size_bytes)}</span>
          </span>
        ))}
      </span>
    ),
  },
  {
    // Measured from the first segment's look.
    head: 'Drift: colour, exposure, sharpness',
    className: 'whitespace-nowrap',
    cell: ({ drift }) => (drift ? driftWords(drift) : '–'),
  },
  {
    head: 'Taken from',
    cell: ({ taken_from }) =>
      taken_from ? (
        <AppLink href={jobHref(taken_from)}>
          <JobId id={taken_from} />
        </AppLink>
      ) : (
        '–'
      ),
  },
]

function driftWords({ colour, exposure, sharpness }: Admin<'Drift'>): string {
  return `${colour.toFixed(1)}, ${exposure.toFixed(2)}, ${sharpness.toFixed(2)}`
}

/** The segments that are stored; a retry goes on after the last of them. */
export function CheckpointTable({ checkpoints }: { checkpoints: JobCheckpoint[] }) {
  return (
    <Table
      caption="Stored segments"
      columns={COLUMNS}
      rows={checkpoints}
      rowKey={({ segment }) => String(segment)}
      empty="No segment is stored. A retry starts from the beginning."
    />
  )
}
