import { RoleIcon } from '../../components/RoleIcon.tsx'
import { cropStyle, RATIOS, type Crop, type Shape } from '../../lib/frame.ts'
import type { Chip } from './draft.ts'
import { UploadRing } from './UploadRing.tsx'

/** crop: the part of the picture that is shown, as it was framed. */
type ChipThumbProps = { chip: Chip; crop: Crop | null; shape: Shape }

/** A chip's picture: the file itself while it uploads, then the server's still of a clip. */
export function ChipThumb({ chip, crop, shape }: ChipThumbProps) {
  const { status, kind, preview, role } = chip
  const still = status.state === 'ready' ? status.asset.thumbnail_url : null
  const picture = kind === 'image' ? (preview ?? still) : still
  return (
    <span className="relative grid size-11 shrink-0 place-items-center overflow-hidden rounded-lg bg-bg text-muted">
      {picture && crop ? (
        <Framed picture={picture} crop={crop} shape={shape} />
      ) : picture ? (
        <img src={picture} alt="" className="size-full object-cover object-top" />
      ) : preview ? (
        <video
          src={`${preview}#t=0.1`}
          muted
          playsInline
          preload="metadata"
          className="size-full object-cover"
        />
      ) : (
        <RoleIcon role={role} size={20} />
      )}
      {status.state === 'uploading' && <UploadRing sent={status.sent} />}
    </span>
  )
}

function Framed({ picture, crop, shape }: { picture: string; crop: Crop; shape: Shape }) {
  const long = RATIOS[shape] > 1 ? 'w-full' : 'h-full'
  return (
    <span
      data-testid="framed"
      className={`relative block overflow-hidden ${long}`}
      style={{ aspectRatio: RATIOS[shape] }}
    >
      <img src={picture} alt="" style={{ ...cropStyle(crop), height: `${100 / crop.height}%` }} />
    </span>
  )
}
