import { useQuery, useQueryClient } from '@tanstack/react-query'

import { MODES, type ModeId } from '../lib/modes.ts'
import { ROLES, type FileKind, type RoleId } from '../lib/roles.ts'
import { toApiError } from './problem.ts'

/** samples.json: the files that stand beside it. */
export type SampleFile = { name: string; kind: FileKind; sha256: string }
export type SampleIndex = { files: SampleFile[] }

/** url: where it stands on this page's origin. */
export type SampleInRole = { role: RoleId; sample: SampleFile & { url: string } }

const FOLDER = '/samples/'

const index = {
  queryKey: ['samples'],
  queryFn: async () => (await get('samples.json')).json() as Promise<SampleIndex>,
  staleTime: Infinity,
  retry: false,
}

export function useSamples() {
  return useQuery(index)
}

export function sampleUrl(samples: SampleIndex | undefined, kind: FileKind): string | null {
  const found = samples?.files.find((file) => file.kind === kind)
  return found ? addressOf(found) : null
}

function addressOf({ name }: SampleFile): string {
  return FOLDER + name
}

/** How to find the sample files a mode needs. */
export function useSampleOf(): (mode: ModeId) => Promise<SampleInRole[]> {
  const queries = useQueryClient()
  return async (mode) => {
    const { files } = await queries.ensureQueryData(index)
    return MODES[mode].needs.map((role) => {
      const sample = files.find((file) => file.kind === ROLES[role].kind)
      if (sample === undefined) throw new Error(`no sample of kind ${ROLES[role].kind}`)
      return { role, sample: { ...sample, url: addressOf(sample) } }
    })
  }
}

/** A sample as if a person had picked it. */
export async function fetchSampleFile({ name }: SampleFile): Promise<File> {
  const blob = await (await get(name)).blob()
  return new File([blob], name, { type: blob.type })
}

async function get(name: string): Promise<Response> {
  const response = await fetch(FOLDER + name)
  if (!response.ok) throw toApiError(response.status, '')
  return response
}
