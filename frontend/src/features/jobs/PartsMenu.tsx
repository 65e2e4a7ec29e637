import { ChevronDown, Layers } from 'lucide-react'
import { useState } from 'react'

import type { Job } from '../../api/types.ts'
import { PartList } from './PartList.tsx'

type PartsMenuProps = { job: Job; onPlay: (seconds: number) => void }

/** What can be made once more of a video; closed until it is wanted. */
export function PartsMenu({ job, onPlay }: PartsMenuProps) {
  const [open, setOpen] = useState(false)
  return (
    <details
      data-testid="parts"
      className="group relative z-1 rounded-chip border border-line"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary className="flex min-h-11 cursor-pointer list-none items-center gap-2 rounded-chip px-3 font-medium text-muted hover:text-ink [&::-webkit-details-marker]:hidden">
        <Layers size={16} aria-hidden /> Make a part again
        <ChevronDown
          size={16}
          className="ml-auto transition-transform duration-150 group-open:rotate-180"
          aria-hidden
        />
      </summary>
      {open && <PartList job={job} onPlay={onPlay} />}
    </details>
  )
}
