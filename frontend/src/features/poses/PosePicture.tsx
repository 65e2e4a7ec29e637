import { LayoutGrid } from 'lucide-react'
import { useState } from 'react'

/** A pose, or the sign for one where its picture can't be had. */
export function PosePicture({ picture }: { picture: string | null }) {
  const [broken, setBroken] = useState(false)
  return (
    <span className="grid h-24 w-18 shrink-0 place-items-center overflow-hidden rounded-chip bg-stage text-muted">
      {picture !== null && !broken ? (
        <img
          src={picture}
          alt=""
          className="size-full object-contain"
          onError={() => setBroken(true)}
        />
      ) : (
        <LayoutGrid size={24} aria-hidden />
      )}
    </span>
  )
}
