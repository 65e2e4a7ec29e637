import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'

import { MODES, type ModeId } from '../lib/modes.ts'
import { ROLES, type FileKind, type RoleId } from '../lib/roles.ts'
import { toApiError } from './problem.ts'

/** samples.json: the files that stand beside it. */
export type SampleFile = { name: string; kind: FileKind }
export type SampleIndex = { files: SampleFile[] }

export type SampleInRole = { file: File; role: RoleId }

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
  return found ? FOLDER + found.name : null
}

/** The sample files a mode needs, as if a person had picked them. */
async function fetchSample(queries: QueryClient, mode: ModeId): Promise<SampleInRole[]> {
  const { files } = await queries.ensureQueryData(index)
  return Promise.all(
    MODES[mode].needs.map(async (role) => {
      const sample = files.find((file) => file.kind === ROLES[role].kind)
      if (sample === undefined) throw new Error(`no sample of kind ${ROLES[role].kind}`)
      const blob = await (await get(sample.name)).blob()
      return { role, file: new File([blob], sample.name, { type: blob.type }) }
    }),
  )
}

export function useFetchSample(): (mode: ModeId) => Promise<SampleInRole[]> {
  const queries = useQueryClient()
  return (mode) => fetchSample(queries, mode)
}

async function get(name: string): Promise<Response> {
  const response = await fetch(FOLDER + name)
  if (!response.ok) throw toApiError(response.status, '')
  return response
}
