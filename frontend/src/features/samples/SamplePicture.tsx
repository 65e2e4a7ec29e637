import { AudioLines } from 'lucide-react'

import type { ModeId } from '../../lib/modes.ts'

type SamplePictureProps = { mode: ModeId; picture: string | null; clip: string | null }

/** The scene a mode keeps, and in its corner what it brings in. */
export function SamplePicture({ mode, picture, clip }: SamplePictureProps) {
  const character = picture && (
    <img src={picture} alt="" loading="lazy" className="size-full object-cover object-[50%_30%]" />
  )
  const motion = clip && (
    <video
      src={`${clip}#t=0.5`}
      muted
      playsInline
      preload="metadata"
      className="size-full object-cover object-[50%_30%]"
    />
  )
  const sound = <AudioLines size={24} className="text-accent" aria-hidden />
  return (
    <span className="relative block h-52 overflow-hidden bg-stage">
      {mode === 'mix' ? motion : character}
      <span className="absolute right-3 bottom-3 grid size-16 place-items-center overflow-hidden rounded-chip border-2 border-surface bg-raised shadow-lg">
        {mode === 'mix' ? character : mode === 'move' ? motion : sound}
      </span>
    </span>
  )
}
