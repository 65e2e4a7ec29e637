import { useQuery } from '@tanstack/react-query'

import { usePinned } from '../../../lib/usePinned.ts'
import { Loading, Problem } from '../../lib/ui/index.ts'
import { Fold } from './Fold.tsx'
import { PrettyJson } from './PrettyJson.tsx'

type JsonFileProps = { name: string; url: string | null }

/** A JSON file in the object store, fetched once it is unfolded; left out where there is none. */
export function JsonFile({ name, url }: JsonFileProps) {
  const address = usePinned(url)
  if (address === null) return null
  return (
    <Fold name={name}>
      <Content name={name} url={address} />
    </Fold>
  )
}

async function fetchJson(url: string): Promise<unknown> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`the object store answers ${answer.status}`)
  return answer.json()
}

function Content({ name, url }: { name: string; url: string }) {
  // These files never change once they are there.
  const { data, error, refetch } = useQuery({
    queryKey: ['file', url.split('?')[0]],
    queryFn: () => fetchJson(url),
    staleTime: Infinity,
  })
  if (error) return <Problem error={error} onRetry={() => void refetch()} />
  return data === undefined ? <Loading rows={2} /> : <PrettyJson name={name} value={data} />
}
