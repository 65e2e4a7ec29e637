import { useState, type SubmitEvent } from 'react'
import { useLocation } from 'wouter'

import { Button } from '../../../components/Button.tsx'
import { Dialog } from '../../../components/Dialog.tsx'
import { TextField } from '../../../components/TextField.tsx'
import { client, dataOf, type Admin } from '../../api.ts'
import { diffHref } from '../../lib/sought.ts'
import { AppLink, JobId, Problem } from '../../lib/ui/index.ts'
import { madeJob } from './madeJob.ts'

type CompareDialogProps = { job_id: string; audit: Admin<'AuditLine'>[]; onClose: () => void }

const MOST = 2

/** The one job whose id begins so, or that has this reference. */
async function findJob(job_id: string): Promise<string> {
  const query = { job_id, limit: MOST }
  const { items } = await dataOf<Admin<'AdminJobPage'>>(
    client.GET('/api/admin/jobs', { params: { query } }),
  )
  const [found, another] = items
  if (found === undefined) throw new Error(`no job is called ${job_id}`)
  if (another !== undefined) throw new Error(`several jobs begin with ${job_id}`)
  return found.job_id
}

/** Which other job to compare with. */
export function CompareDialog({ job_id, audit, onClose }: CompareDialogProps) {
  const [other, setOther] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [, navigate] = useLocation()
  const replays = audit.map(madeJob).filter((id) => id !== null)

  const compare = async (event: SubmitEvent) => {
    event.preventDefault()
    try {
      navigate(diffHref(job_id, await findJob(other.trim())))
    } catch (refusal) {
      setError(refusal)
    }
  }

  return (
    <Dialog
      title={`Compare ${job_id.slice(0, 8)}`}
      hint="With another job: request, settings, template, seed and bound values."
      testId="compare-dialog"
      onClose={onClose}
    >
      <form className="space-y-3 pt-1" onSubmit={(event) => void compare(event)}>
        <TextField
          label="The other job"
          hint="Its id, the first part of it, or its reference."
          value={other}
          onChange={setOther}
          autoComplete="off"
          spellCheck={false}
          data-testid="other-job"
        />
        {replays.length > 0 && (
          <p className="flex flex-wrap gap-2 text-[13px]">
            Its replays:
            {replays.map((id) => (
              <AppLink key={id} href={diffHref(job_id, id)}>
                <JobId id={id} />
              </AppLink>
            ))}
          </p>
        )}
        {error !== null && <Problem error={error} />}
        <Button look="primary" type="submit" disabled={other.trim() === ''} data-testid="confirm">
          Compare
        </Button>
      </form>
    </Dialog>
  )
}
