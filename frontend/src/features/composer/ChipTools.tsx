import {
  Crop,
  MessageSquareText,
  Scissors,
  UserRoundCheck,
  UserRoundSearch,
  type LucideIcon,
} from 'lucide-react'

import type { Asset } from '../../api/types.ts'
import type { ModeId } from '../../lib/modes.ts'
import { lengthWords } from '../../lib/time.ts'
import type { Chip } from './draft.ts'
import type { Editing } from './edit.ts'

type ChipToolsProps = {
  chip: Chip
  mode: ModeId
  /** As asked for, in seconds; null: to the end. */
  length: number | null
  onEdit: (editing: Editing) => void
}

/** What can be done with a file beyond using it as it is, once the server has it. */
export function ChipTools({ chip, mode, length, onEdit }: ChipToolsProps) {
  const { id, role, edit } = chip
  if (role === 'reference') return null
  const asset = chip.status.state === 'ready' ? chip.status.asset : null
  const chosen = edit.points.length > 0
  return (
    <span className="flex max-sm:order-last max-sm:w-full max-sm:flex-wrap">
      {role === 'ground-truth' && (
        <Tool
          name="frame"
          Icon={Crop}
          words={edit.frame ? 'Framed' : 'Frame'}
          on={edit.frame !== null}
          ready={Boolean(asset?.width && asset.height)}
          onPress={() => onEdit({ tool: 'frame', id })}
        />
      )}
      {role === 'pose-sheet' && (
        <Tool
          name="pose-hints"
          Icon={MessageSquareText}
          words={edit.hint ? 'Hints given' : 'Hints'}
          on={edit.hint !== ''}
          ready={asset !== null}
          onPress={() => onEdit({ tool: 'poses' })}
        />
      )}
      {chip.kind !== 'image' && (
        <Tool
          name="trim"
          Icon={Scissors}
          words={trimWords(edit.start, length, asset)}
          on={edit.start > 0}
          ready={Boolean(asset?.duration_seconds)}
          onPress={() => onEdit({ tool: 'trim', id })}
        />
      )}
      {chip.kind === 'video' && mode === 'mix' && (
        <Tool
          name="pick-person"
          Icon={chosen ? UserRoundCheck : UserRoundSearch}
          words={chosen ? 'Person picked' : 'Pick person'}
          on={chosen}
          ready={asset !== null}
          onPress={() => onEdit({ tool: 'person', id })}
        />
      )}
    </span>
  )
}

type ToolProps = {
  name: string
  Icon: LucideIcon
  words: string
  /** Whether it changes anything. */
  on: boolean
  ready: boolean
  onPress: () => void
}

function Tool({ name, Icon, words, on, ready, onPress }: ToolProps) {
  return (
    <button
      type="button"
      data-testid={name}
      disabled={!ready}
      className="inline-flex min-h-11 items-center gap-1.5 rounded-lg px-2 text-xs font-medium whitespace-nowrap text-muted transition-colors duration-150 enabled:hover:bg-line/70 enabled:hover:text-ink disabled:text-control"
      onClick={onPress}
    >
      <Icon size={14} className={on ? 'text-ok' : undefined} aria-hidden />
      {words}
    </button>
  )
}

/** With the seconds that are used, where they are not all of them. */
function trimWords(start: number, length: number | null, asset: Asset | null): string {
  const duration = asset?.duration_seconds
  if (!duration) return 'Trim'
  const used = Math.min(length ?? duration, duration - start)
  return start === 0 && used >= duration ? 'Trim' : `Trim: ${lengthWords(used)}`
}
