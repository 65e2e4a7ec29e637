import type { ComponentType } from 'react'

import { Dialog } from '../../components/Dialog.tsx'
import { cx } from '../../lib/cx.ts'
import { Browsers } from './Browsers.tsx'
import { Links } from './Links.tsx'
import { Notifications } from './Notifications.tsx'
import { SECTIONS, type SectionId } from './sections.ts'
import { Tokens } from './Tokens.tsx'
import { Usage } from './Usage.tsx'

const SHOWN: Record<SectionId, ComponentType> = {
  usage: Usage,
  tokens: Tokens,
  browsers: Browsers,
  links: Links,
  notifications: Notifications,
}

type AccountDialogProps = {
  section: string | undefined
  onSection: (section: SectionId) => void
  onClose: () => void
}

/** All that belongs to the person who is signed in, in sections of their own address. */
export default function AccountDialog({ section, onSection, onClose }: AccountDialogProps) {
  const { id, label } = SECTIONS.find(({ id }) => id === section) ?? SECTIONS[0]
  const Section = SHOWN[id]
  return (
    <Dialog title="Your account" testId="account" wide onClose={onClose}>
      <div className="gap-6 md:flex">
        <nav
          aria-label="Account"
          className="mb-4 flex flex-wrap gap-1 md:w-48 md:shrink-0 md:flex-col"
        >
          {SECTIONS.map((one) => (
            <button
              key={one.id}
              type="button"
              aria-current={one.id === id ? 'page' : undefined}
              className={cx(
                'min-h-11 rounded-chip px-3 text-left',
                one.id === id ? 'bg-line/70 font-medium' : 'text-muted hover:text-ink',
              )}
              onClick={() => onSection(one.id)}
            >
              {one.label}
            </button>
          ))}
        </nav>
        <section aria-label={label} className="min-h-80 min-w-0 flex-1 space-y-4">
          <h3 className="text-base font-semibold">{label}</h3>
          <Section />
        </section>
      </div>
    </Dialog>
  )
}
