import { useState } from 'react'

import { TextField } from '../../../components/TextField.tsx'
import { client, dataOf, useChange, type Admin } from '../../api.ts'
import { Confirm } from '../../lib/ui/index.ts'

/** Takes a ComfyUI server into the line. */
export function AddDialog({ onClose }: { onClose: () => void }) {
  const [url, setUrl] = useState('')
  const change = useChange((body: Admin<'NewBackend'>) =>
    dataOf(client.POST('/api/admin/backends', { body })),
  )
  return (
    <Confirm
      title="Add a backend"
      hint="It gets work once it was asked what it has."
      verb="Add"
      ready={url.trim() !== ''}
      onConfirm={(reason) => change.mutateAsync({ reason, url: url.trim() })}
      onClose={onClose}
    >
      <TextField
        label="URL of the ComfyUI server"
        hint="Scheme, host, port and path. Credentials belong into the access file."
        placeholder="http://gpu-2.internal:8188"
        type="url"
        autoComplete="off"
        spellCheck={false}
        value={url}
        onChange={setUrl}
        data-testid="backend-url"
      />
    </Confirm>
  )
}
