import { useEffect, useState } from 'react'

import { problemWords } from '../../api/problem.ts'
import type { Asset } from '../../api/types.ts'
import { NoteLine } from '../../components/NoteLine.tsx'
import { keepInStep } from '../../lib/playback.ts'
import { Screen } from './Screen.tsx'
import { useAddress } from './useAddress.ts'
import { useClip } from './useClip.ts'

type ClipScreenProps = {
  asset_id: string
  /** Where in the clip the result begins, in seconds. */
  start: number
  /** The result, which leads. */
  lead: HTMLVideoElement | null
  fps: number
}

/** The motion clip beside its result. */
export function ClipScreen({ asset_id, ...rest }: ClipScreenProps) {
  const { data, error, refetch } = useClip(asset_id)
  if (data !== undefined) {
    const askAgain = async () => {
      const { data, isError } = await refetch()
      return data === undefined || isError ? null : addressOf(data)
    }
    return <ClipVideo asset={data} askAgain={askAgain} {...rest} />
  }
  return (
    <Screen shape={9 / 16} caption="Your clip">
      {error && (
        <div className="grid size-full place-items-center p-3" role="alert">
          <NoteLine tone="warn">{problemWords(error).lines[0]}</NoteLine>
        </div>
      )}
    </Screen>
  )
}

type ClipVideoProps = Omit<ClipScreenProps, 'asset_id'> & {
  asset: Asset
  askAgain: () => Promise<string | null>
}

function ClipVideo({ asset, askAgain, start, lead, fps }: ClipVideoProps) {
  const [clip, setClip] = useState<HTMLVideoElement | null>(null)
  const { src, broken, onError } = useAddress({ url: addressOf(asset), video: clip, askAgain })

  useEffect(() => {
    if (lead === null || clip === null) return
    return keepInStep({ lead, clip, start, fps })
  }, [lead, clip, start, fps])

  return (
    <Screen shape={(asset.width ?? 9) / (asset.height ?? 16)} caption="Your clip">
      {broken ? (
        <div className="grid size-full place-items-center p-3" role="alert">
          <NoteLine tone="warn">We cannot play your clip here.</NoteLine>
        </div>
      ) : (
        <video
          ref={setClip}
          src={src}
          data-testid="clip-video"
          aria-label="Your clip"
          className="size-full"
          poster={asset.thumbnail_url ?? undefined}
          muted
          playsInline
          preload="auto"
          onError={onError}
        />
      )}
    </Screen>
  )
}

function addressOf({ proxy_url, storage_url }: Asset): string {
  return proxy_url ?? storage_url
}
