import type { Admin } from '../../api.ts'
import { Code, Fact, Facts, Table, type Column } from '../../lib/ui/index.ts'
import { Details } from '../../lib/ui/Details.tsx'

const COLUMNS: Column<Admin<'NeededModel'>>[] = [
  { head: 'Model', className: 'min-w-48', cell: ({ file }) => <Code text={file} of="file name" /> },
  {
    head: 'Folder',
    className: 'whitespace-nowrap font-mono text-xs',
    cell: ({ folder }) => folder,
  },
  { head: 'For', className: 'min-w-40 text-muted', cell: ({ use }) => use },
]

/** What a version is made of and needs. */
export function VersionDetails({ version }: { version: Admin<'TemplateVersion'> }) {
  const { notes, models, custom_nodes, model_family, graph_sha256 } = version
  return (
    <Details summary={`${version.version}: notes, models and nodes`} testId="version-details">
      <ul className="list-disc space-y-0.5 pl-5 text-[13px]">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <Table
        caption={`Models of ${version.version}`}
        columns={COLUMNS}
        rows={models}
        rowKey={({ file, folder }) => `${folder}/${file}`}
        empty="It needs no model."
      />
      <Facts>
        <Fact name="Custom nodes">{custom_nodes.join(', ') || 'none'}</Fact>
        <Fact name="Model family">{model_family}</Fact>
        <Fact name="ComfyUI">{version.compatible_backend_version}</Fact>
        <Fact name="Graph">
          <Code text={graph_sha256} of="hash of the graph" />
        </Fact>
      </Facts>
    </Details>
  )
}
