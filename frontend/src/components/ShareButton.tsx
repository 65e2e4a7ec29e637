import { Link } from 'lucide-react'
import { useState } from 'react'

import {
  copyText,
  hasShareSheet,
  lifeLeft,
  lifeWords,
  openShareSheet,
  wholeAddress,
} from '../lib/share.ts'
import { Button } from './Button.tsx'
import { NoteLine } from './NoteLine.tsx'
import { TextField } from './TextField.tsx'

type ShareButtonProps = {
  /** A job as far as it matters here. */
  job: { output: { video_url: string } | null }
  look?: 'outline' | 'quiet'
}

type Shared = 'copied' | 'refused' | 'over' | null

/** Hand on the address of a video; nothing before there is one. */
export function ShareButton({ job, look = 'outline' }: ShareButtonProps) {
  const [shared, setShared] = useState<Shared>(null)
  if (job.output === null) return null
  const address = wholeAddress(job.output.video_url)
  const left = lifeLeft(address)

  const share = async () => {
    if (left === 0) return setShared('over')
    if (hasShareSheet() && (await openShareSheet(address))) return setShared(null)
    setShared((await copyText(address)) ? 'copied' : 'refused')
  }

  return (
    <>
      <Button look={look} data-testid="share" onClick={() => void share()}>
        <Link size={16} aria-hidden /> Share
      </Button>
      <output className="basis-full text-[13px] empty:hidden" data-testid="shared">
        {shared === 'copied' && <NoteLine tone="hint">Link copied. {lifeWords(left)}</NoteLine>}
        {shared === 'over' && (
          <NoteLine tone="warn">This link has run out. Reload the page, then share.</NoteLine>
        )}
      </output>
      {shared === 'refused' && (
        <div className="basis-full">
          <TextField
            label="Link to your video"
            hint={`Copy it from here. ${lifeWords(left)}`}
            value={address}
            onChange={() => {}}
            readOnly
            data-testid="share-link"
            onFocus={(event) => event.currentTarget.select()}
          />
        </div>
      )}
    </>
  )
}
