import type { Admin } from '../../api.ts'
import { jobsWith } from '../../lib/sought.ts'
import {
  AppLink,
  Badge,
  RowButton,
  Table,
  Time,
  type Column,
  type Tone,
} from '../../lib/ui/index.ts'
import { AbleList } from './AbleList.tsx'
import { failureWords } from './templateWords.ts'

type TemplateVersion = Admin<'TemplateVersion'>

const TONES: Record<Admin<'VersionState'>, Tone> = {
  active: 'ok',
  canary: 'busy',
  released: 'calm',
}
const NAMES = { active: 'active', canary: 'on trial', released: 'released' }

type VersionTableProps = {
  template: Admin<'AdminTemplate'>
  onActivate: (version: string) => void
}

/** The versions of a template, newest first. */
export function VersionTable({ template, onActivate }: VersionTableProps) {
  return (
    <Table
      caption={`Versions of ${template.template_id}`}
      columns={columnsOf(template.template_id, onActivate)}
      rows={template.versions}
      rowKey={({ version }) => version}
      empty="No version is released."
      testId="versions"
    />
  )
}

function columnsOf(
  template_id: string,
  onActivate: VersionTableProps['onActivate'],
): Column<TemplateVersion>[] {
  return [
    {
      head: 'Version',
      className: 'whitespace-nowrap font-medium',
      cell: ({ version }) => (
        <AppLink href={jobsWith({ template: `${template_id}@${version}` })}>{version}</AppLink>
      ),
    },
    { head: 'State', cell: ({ state }) => <Badge tone={TONES[state]}>{NAMES[state]}</Badge> },
    {
      head: 'Failed in 30 days',
      atEnd: true,
      className: 'whitespace-nowrap',
      cell: (version) => failureWords(version),
    },
    { head: 'Unfinished', atEnd: true, cell: ({ unfinished }) => unfinished },
    { head: 'Last used', atEnd: true, cell: ({ last_used_at }) => <Time at={last_used_at} /> },
    {
      head: 'Backends that can render it',
      className: 'min-w-64',
      cell: (version) => <AbleList version={version} />,
    },
    {
      head: 'Change',
      cell: ({ version, state }) =>
        state !== 'active' && (
          <RowButton
            aria-label={`Activate ${template_id} ${version}`}
            data-testid="activate"
            onClick={() => onActivate(version)}
          >
            Activate
          </RowButton>
        ),
    },
  ]
}
