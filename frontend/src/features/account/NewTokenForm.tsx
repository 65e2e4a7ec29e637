import { useState } from 'react'

import { useMakeToken } from '../../api/access.ts'
import { Button } from '../../components/Button.tsx'
import { OnceSecret } from '../../components/OnceSecret.tsx'
import { Segmented } from '../../components/Segmented.tsx'
import { TextField } from '../../components/TextField.tsx'
import { Fault } from './Rest.tsx'
import { RIGHTS, RIGHTS_WORDS, scopesOf, type Rights } from './rights.ts'

const DAYS = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '366', label: '1 year' },
] as const

export function NewTokenForm() {
  const make = useMakeToken()
  const [name, setName] = useState('')
  const [rights, setRights] = useState<Rights>('make')
  const [days, setDays] = useState<(typeof DAYS)[number]['value']>('90')
  return (
    <form
      className="space-y-3 rounded-chip border border-line p-3"
      onSubmit={(event) => {
        event.preventDefault()
        make.mutate(
          { name: name.trim(), scopes: scopesOf(rights), days: Number(days) },
          { onSuccess: () => setName('') },
        )
      }}
    >
      <TextField
        label="Name of the new token"
        hint="What it is for, such as the program's name."
        maxLength={100}
        required
        value={name}
        onChange={setName}
        data-testid="token-name"
      />
      <Segmented
        label="It may"
        choices={RIGHTS}
        value={rights}
        onChange={setRights}
        hint={RIGHTS_WORDS[rights]}
      />
      <Segmented label="It works for" choices={DAYS} value={days} onChange={setDays} />
      <Button type="submit" disabled={make.isPending || name.trim() === ''}>
        Create token
      </Button>
      <Fault error={make.error} />
      {make.data && (
        <OnceSecret
          label={`Token ${make.data.name}`}
          hint="Copy it now: it is shown this once."
          value={make.data.secret}
          testId="token-secret"
        />
      )}
    </form>
  )
}
