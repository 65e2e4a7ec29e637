import { useSearchParams } from 'wouter'

export type Filters<Name extends string> = Partial<Record<Name, string>>

/** The filters of a page as they stand in its address, and how to change some. Empty ones are left out. */
export function useFilters<Name extends string>(
  names: readonly Name[],
): [Filters<Name>, (part: Partial<Record<Name, string>>) => void] {
  const [params, setParams] = useSearchParams()
  const change = (part: Partial<Record<Name, string>>) =>
    setParams((before) => changedParams(before, part), { replace: true })
  return [filtersIn(params, names), change]
}

export function filtersIn<Name extends string>(
  params: URLSearchParams,
  names: readonly Name[],
): Filters<Name> {
  const found: Filters<Name> = {}
  for (const name of names) {
    const value = params.get(name)
    if (value) found[name] = value
  }
  return found
}

/** The same address with some parts changed; an empty value takes a part away. */
export function changedParams(
  before: URLSearchParams,
  part: Partial<Record<string, string>>,
): URLSearchParams {
  const params = new URLSearchParams(before)
  for (const [name, value] of Object.entries(part)) {
    if (value) params.set(name, value)
    else params.delete(name)
  }
  return params
}
