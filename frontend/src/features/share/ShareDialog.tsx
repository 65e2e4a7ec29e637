import { useState } from 'react'

import { problemWords } from '../../api/problem.ts'
import { useCreateShare } from '../../api/shares.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'
import { OnceSecret } from '../../components/OnceSecret.tsx'
import { Segmented } from '../../components/Segmented.tsx'
import { Switch } from '../../components/Switch.tsx'
import { hasShareSheet, openShareSheet } from '../../lib/share.ts'
import { JobLinks } from './JobLinks.tsx'
import { ENDS, EVERYTHING_OFF, requestOf, sightWords } from './shareWords.ts'

type ShareDialogProps = { job_id: string; onClose: () => void }

/** Make a link by which others see one video, and end those there are. */
export default function ShareDialog({ job_id, onClose }: ShareDialogProps) {
  const [choice, setChoice] = useState(EVERYTHING_OFF)
  const create = useCreateShare(job_id)
  const set = (part: Partial<typeof choice>) => setChoice({ ...choice, ...part })
  const url = create.data?.url
  return (
    <Dialog
      title="Share this video"
      hint={sightWords(choice)}
      testId="share-dialog"
      onClose={onClose}
      foot={
        <Button
          look="primary"
          data-testid="create-link"
          disabled={create.isPending}
          onClick={() => create.mutate(requestOf(choice))}
        >
          Create link
        </Button>
      }
    >
      <div className="space-y-4">
        <Segmented
          label="The link ends"
          choices={ENDS}
          value={choice.ends}
          onChange={(ends) => set({ ends })}
        />
        <div>
          <Switch
            label="Show your words"
            hint="What you asked for stands under the video."
            checked={choice.prompt}
            onChange={(prompt) => set({ prompt })}
          />
          <Switch
            label="Show your files"
            hint="Your picture and clip stand beside it."
            checked={choice.inputs}
            onChange={(inputs) => set({ inputs })}
          />
          <Switch
            label="Allow download"
            hint="A button saves the video."
            checked={choice.download}
            onChange={(download) => set({ download })}
          />
        </div>
        <div aria-live="polite" className="space-y-2 empty:hidden">
          {create.error && (
            <NoteLine tone="bad">{problemWords(create.error).lines.join(' ')}</NoteLine>
          )}
          {url && (
            <>
              <OnceSecret
                label="Your link"
                hint="Copy it now: it is shown this once."
                value={url}
                testId="share-link"
              />
              {hasShareSheet() && (
                <Button onClick={() => void openShareSheet(url)}>Send it on</Button>
              )}
            </>
          )}
        </div>
        <JobLinks job_id={job_id} />
      </div>
    </Dialog>
  )
}
