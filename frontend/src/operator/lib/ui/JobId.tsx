/** The first part of a job's id, by which it is known; the whole by pointing at it. */
export function JobId({ id }: { id: string }) {
  return (
    <code title={id} className="font-mono text-xs whitespace-nowrap">
      {id.slice(0, 8)}
    </code>
  )
}
