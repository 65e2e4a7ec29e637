import { Fragment } from 'react'

/** The parts of one line, which breaks only between them. */
export function Parts({ parts }: { parts: string[] }) {
  return parts.map((part, index) => (
    <Fragment key={part}>
      {index > 0 && ' · '}
      <span className="inline-block">{part}</span>
    </Fragment>
  ))
}
