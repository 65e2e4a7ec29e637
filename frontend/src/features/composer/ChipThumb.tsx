import { RoleIcon } from '../../components/RoleIcon.tsx'
import type { Chip } from './draft.ts'
import { UploadRing } from './UploadRing.tsx'

/** A chip's picture: the file itself while it uploads, then the server's still of a clip. */
export function ChipThumb({ chip }: { chip: Chip }) {
  const { status, kind, preview, role } = chip
  const still = status.state === 'ready' ? status.asset.thumbnail_url : null
  const picture = kind === 'image' ? (preview ?? still) : still
  return (
    <span className="relative grid size-11 shrink-0 place-items-center overflow-hidden rounded-lg bg-bg text-muted">
      {picture ? (
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
