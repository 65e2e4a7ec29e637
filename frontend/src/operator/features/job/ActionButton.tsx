import { useId, useState } from 'react'

import { Button } from '../../../components/Button.tsx'
import type { Admin } from '../../api.ts'

type ActionButtonProps = { name: string; ability: Admin<'Ability'>; onPress: () => void }

/** One that can't be used now can still be reached and pressed: then it says why. */
export function ActionButton({ name, ability, onPress }: ActionButtonProps) {
  const id = useId()
  const [asked, setAsked] = useState(false)
  const reason = ability.possible ? null : (ability.reason ?? 'It is not possible now.')
  return (
    <span className="relative">
      <Button
        data-testid={name.toLowerCase()}
        className="!min-h-9 aria-disabled:cursor-not-allowed aria-disabled:text-muted pointer-coarse:!min-h-11"
        aria-disabled={reason !== null}
        aria-describedby={reason ? id : undefined}
        title={reason ?? undefined}
        onClick={() => (reason ? setAsked(true) : onPress())}
        onBlur={() => setAsked(false)}
      >
        {name}
      </Button>
      {reason && (
        <output
          id={id}
          className={
            asked
              ? 'absolute top-full left-0 z-20 mt-1 w-56 rounded-chip border border-line bg-raised p-2 text-[13px] sm:right-0 sm:left-auto'
              : 'sr-only'
          }
        >
          {reason}
        </output>
      )}
    </span>
  )
}
