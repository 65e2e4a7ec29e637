import { useEffect } from 'react'

import { useStanding, type Standing } from '../api/me.ts'

type DoorkeeperProps = { onStanding: (standing: Standing) => void }

/** Finds out whether somebody is signed in here, and leads strangers to where they can. */
export default function Doorkeeper({ onStanding }: DoorkeeperProps) {
  const standing = useStanding()

  useEffect(() => {
    onStanding(standing)
    const here = location.pathname + location.search
    if (standing === 'stranger') location.replace(`/sign-in?next=${encodeURIComponent(here)}`)
  }, [standing, onStanding])

  useEffect(() => {
    // The way back shows a page as it was left, whoever is signed in by now.
    const onShow = ({ persisted }: PageTransitionEvent) => {
      if (persisted) location.reload()
    }
    addEventListener('pageshow', onShow)
    return () => removeEventListener('pageshow', onShow)
  }, [])

  return null
}
