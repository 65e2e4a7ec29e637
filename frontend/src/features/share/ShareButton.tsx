import { Link } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'

import type { Job } from '../../api/types.ts'
import { Button } from '../../components/Button.tsx'

const ShareDialog = lazy(() => import('./ShareDialog.tsx'))

type ShareButtonProps = { job: Job; look?: 'outline' | 'quiet' }

/** The way to the links to a video; nothing before there is one. */
export function ShareButton({ job, look = 'outline' }: ShareButtonProps) {
  const [open, setOpen] = useState(false)
  if (job.output === null) return null
  return (
    <>
      <Button look={look} data-testid="share" onClick={() => setOpen(true)}>
        <Link size={16} aria-hidden /> Share
      </Button>
      <Suspense>
        {open && <ShareDialog job_id={job.job_id} onClose={() => setOpen(false)} />}
      </Suspense>
    </>
  )
}
