import { CopyPlus, Ellipsis, SlidersHorizontal, Trash2 } from 'lucide-react'
import { useState } from 'react'

import type { Job } from '../../api/types.ts'
import { Menu } from '../../components/Menu.tsx'
import { MenuItem } from '../../components/MenuItem.tsx'
import type { JobActs } from './acts.ts'

type MoreMenuProps = { job: Job; acts: JobActs }

/** What else can be done with a job that has ended. */
export function MoreMenu({ job, acts }: MoreMenuProps) {
  // Hundreds of cards have this menu, and hardly any is opened.
  const [near, setNear] = useState(false)
  const come = () => setNear(true)
  return (
    <span className="ml-auto" onPointerEnter={come} onFocus={come}>
      <Menu
        label="More"
        testId="more"
        atEnd
        buttonClass="inline-flex size-11 items-center justify-center rounded-chip text-muted hover:bg-raised hover:text-ink"
        items={near && <MoreItems job={job} acts={acts} />}
      >
        <Ellipsis size={18} aria-hidden />
        <span className="sr-only">More</span>
      </Menu>
    </span>
  )
}

function MoreItems({ job, acts }: MoreMenuProps) {
  return (
    <>
      <MenuItem
        icon={<SlidersHorizontal size={18} aria-hidden />}
        title="Same settings"
        hint="Made anew, with a new variation number."
        testId="same-settings"
        onChoose={() => acts.onReuse(job)}
      />
      <MenuItem
        icon={<CopyPlus size={18} aria-hidden />}
        title="Same again"
        hint="With the same variation number."
        testId="same-again"
        onChoose={() => acts.onAgain(job)}
      />
      <MenuItem
        icon={<Trash2 size={18} aria-hidden />}
        title="Delete"
        hint="You can undo it for a moment."
        testId="delete"
        onChoose={() => acts.onRemove(job)}
      />
    </>
  )
}
