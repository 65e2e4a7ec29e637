import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { TextField } from '../../../components/TextField.tsx'
import { adminKey, client, dataOf, useChange, type Admin } from '../../api.ts'
import { Confirm, Loading, Problem } from '../../lib/ui/index.ts'

type OwnerLimits = Admin<'OwnerLimits'>
type Name = keyof Admin<'Limits'>
type LimitsDialogProps = { user: Admin<'User'>; onClose: () => void }

const LABELS: Record<Name, string> = {
  requests_per_minute: 'Requests a minute',
  token_requests_per_minute: 'Requests a minute of each token',
  uploads_per_day: 'Uploads a day',
  upload_bytes_per_day: 'Bytes uploaded a day',
  running_jobs: 'Videos made at once',
  waiting_jobs: 'Videos that wait',
  gpu_seconds_per_day: 'GPU seconds a day',
}
const NAMES = Object.keys(LABELS) as Name[]
const NUMBER = /^(\d+(\.\d+)?)?$/

/** How much somebody may do, where it differs from the settings. */
export function LimitsDialog({ user, onClose }: LimitsDialogProps) {
  const path = { owner: user.owner }
  const { data, error } = useQuery({
    queryKey: adminKey('limits', user.owner),
    queryFn: (): Promise<OwnerLimits> =>
      dataOf(client.GET('/api/admin/users/{owner}/limits', { params: { path } })),
    // The form begins with what it is given, and sets all of it.
    gcTime: 0,
  })
  if (data) return <LimitsForm owner={user.owner} limits={data} onClose={onClose} />
  return error ? <Problem lead="The limits can't be shown." error={error} /> : <Loading rows={2} />
}

type LimitsFormProps = { owner: string; limits: OwnerLimits; onClose: () => void }

function LimitsForm({ owner, limits, onClose }: LimitsFormProps) {
  const [texts, setTexts] = useState<Record<Name, string>>(() => textsOf(limits))
  const change = useChange((body: Admin<'LimitsChange'>) =>
    dataOf(client.PUT('/api/admin/users/{owner}/limits', { params: { path: { owner } }, body })),
  )
  const used = Object.fromEntries(limits.report.items.map((item) => [item.name, item.used]))
  return (
    <Confirm
      title={`Limits of ${owner}`}
      hint="An empty field is as the settings have it; 0 is no limit."
      verb="Set"
      ready={NAMES.every((name) => NUMBER.test(texts[name]))}
      onConfirm={(reason) => change.mutateAsync({ ...numbersOf(texts), reason })}
      onClose={onClose}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        {NAMES.map((name) => (
          <TextField
            key={name}
            label={LABELS[name]}
            hint={used[name] === undefined ? '' : `Used now: ${used[name]}`}
            fault={NUMBER.test(texts[name]) ? null : 'A number, or nothing.'}
            placeholder={placeholder(limits.defaults[name])}
            inputMode="numeric"
            autoComplete="off"
            value={texts[name]}
            onChange={(text) => setTexts({ ...texts, [name]: text })}
            data-testid={`limit-${name}`}
          />
        ))}
      </div>
    </Confirm>
  )
}

function placeholder(limit: number | undefined): string {
  return limit ? `${limit}` : 'no limit'
}

function textsOf({ own }: OwnerLimits): Record<Name, string> {
  const text = (name: Name) => [name, own[name] === undefined ? '' : String(own[name])]
  return Object.fromEntries(NAMES.map(text)) as Record<Name, string>
}

function numbersOf(texts: Record<Name, string>): Partial<Record<Name, number>> {
  const given = NAMES.filter((name) => texts[name] !== '')
  return Object.fromEntries(given.map((name) => [name, Number(texts[name])]))
}
