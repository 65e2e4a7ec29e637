import { useState } from 'react'

import { Dialog } from '../components/Dialog.tsx'
import { Switch } from '../components/Switch.tsx'
import { lettersOn, switchLetters } from '../lib/keys.ts'

const COMMAND = /mac|iphone|ipad/i.test(navigator.userAgent) ? 'Cmd' : 'Ctrl'

const GROUPS = [
  {
    title: 'New video',
    keys: [
      [`${COMMAND} + Enter`, 'Generate'],
      ['Alt + 1, 2, 3', 'Move, Mix, Audio Performance'],
      ['/', 'Write the prompt'],
      ['A', 'Add files'],
      ['Esc', 'Close what is open'],
      ['?', 'Show these keys'],
    ],
  },
  {
    title: 'Watching a video',
    keys: [
      ['Space', 'Play or pause'],
      [', and .', 'One picture back or on'],
      ['J and L', 'Back and on'],
      ['F', 'Full screen'],
      ['D', 'Download'],
      ['Left and right', 'Newer and older videos'],
    ],
  },
] as const

/** The list of keys, and the switch for the single ones. */
export default function KeysDialog({ onClose }: { onClose: () => void }) {
  const [letters, setLetters] = useState(lettersOn)
  return (
    <Dialog title="Keys" testId="keys-dialog" onClose={onClose}>
      <div className="space-y-5">
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3 className="mb-1 font-medium">{title}</h3>
            <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1.5">
              {keys.map(([key, what]) => (
                <div key={key} className="contents">
                  <dt>
                    <kbd className="inline-block min-w-8 rounded-md border border-line bg-raised px-1.5 py-0.5 text-center font-sans text-xs">
                      {key}
                    </kbd>
                  </dt>
                  <dd className="text-muted">{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <Switch
          label="Single keys"
          hint="Off: only keys with Ctrl, Cmd or Alt do something."
          checked={letters}
          onChange={(on) => {
            switchLetters(on)
            setLetters(on)
          }}
        />
      </div>
    </Dialog>
  )
}
