import { Copy } from 'lucide-react'
import { useState } from 'react'

import { copyText } from '../lib/share.ts'
import { Button } from './Button.tsx'
import { TextField } from './TextField.tsx'

type OnceSecretProps = { label: string; hint: string; value: string; testId: string }

/** What is shown this once, to be copied. */
export function OnceSecret({ label, hint, value, testId }: OnceSecretProps) {
  const [said, setSaid] = useState('')
  const copy = async () => {
    const copied = await copyText(value)
    setSaid(copied ? 'Copied.' : 'Copy it from the field.')
  }
  return (
    <div className="space-y-2 rounded-chip border border-accent/50 bg-bg p-3">
      <TextField
        label={label}
        hint={hint}
        value={value}
        onChange={() => {}}
        readOnly
        data-testid={testId}
        onFocus={(event) => event.currentTarget.select()}
      />
      <div className="flex items-center gap-3">
        <Button onClick={() => void copy()}>
          <Copy size={16} aria-hidden /> Copy
        </Button>
        <output className="text-xs text-muted">{said}</output>
      </div>
    </div>
  )
}
