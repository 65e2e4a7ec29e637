import type { RefObject } from 'react'

import type { Asset } from '../../api/types.ts'
import { useSource } from '../../lib/useSource.ts'
import type { PartPlayer } from './usePartPlayer.ts'

type PlaybackProps = {
  asset: Asset
  player: PartPlayer
  /** The file can't be had. */
  onBroken: () => void
}

/** The file itself: seen where it is a clip, else only heard. */
export function Playback({ asset, player, onBroken }: PlaybackProps) {
  const { media, events } = player
  useSource(media, asset.proxy_url ?? asset.storage_url)
  if (asset.asset_type === 'audio') {
    return (
      <audio
        ref={media as RefObject<HTMLAudioElement>}
        preload="auto"
        onError={onBroken}
        {...events}
      />
    )
  }
  return (
    <video
      ref={media as RefObject<HTMLVideoElement>}
      aria-label="Your clip"
      playsInline
      preload="auto"
      className="h-[clamp(8rem,92dvh-36rem,18rem)] w-full rounded-chip bg-stage"
      onError={onBroken}
      {...events}
    />
  )
}
