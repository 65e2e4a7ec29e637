import { CircleUserRound, LogOut, Wrench } from 'lucide-react'
import { useLocation } from 'wouter'

import { useMe } from '../api/me.ts'
import { signOut } from '../api/signIn.ts'
import { Menu } from '../components/Menu.tsx'
import { MenuItem } from '../components/MenuItem.tsx'
import { SECTIONS } from '../features/account/sections.ts'

const ROLES = { creator: 'Creator', operator: 'Operator', service: 'Service' }

/** Who is signed in, and all that is theirs. */
export default function AccountMenu() {
  const me = useMe()
  const [, navigate] = useLocation()
  if (me === undefined) return null
  return (
    <Menu
      label="Account"
      testId="account-menu"
      atEnd
      buttonClass="flex min-h-11 min-w-11 shrink-0 items-center justify-center gap-2 rounded-chip px-2 text-muted hover:bg-raised hover:text-ink"
      items={
        <>
          {SECTIONS.map(({ id, label }) => (
            <MenuItem
              key={id}
              title={label}
              testId={`account-${id}`}
              onChoose={() => navigate(`/account/${id}`)}
            />
          ))}
          {me.role === 'operator' && (
            <MenuItem
              icon={<Wrench size={16} aria-hidden />}
              title="Operator console"
              onChoose={() => location.assign('/operator')}
            />
          )}
          <MenuItem
            icon={<LogOut size={16} aria-hidden />}
            title="Sign out"
            testId="sign-out"
            onChoose={() => void signOut()}
          />
        </>
      }
    >
      <CircleUserRound size={18} aria-hidden />
      <span className="sr-only">Account: </span>
      <span className="max-w-32 truncate max-sm:sr-only">{me.name}</span>
      <span className="text-xs max-sm:sr-only">{ROLES[me.role]}</span>
    </Menu>
  )
}
