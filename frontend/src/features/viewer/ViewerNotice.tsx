import { isGone } from '../../api/problem.ts'
import { Button } from '../../components/Button.tsx'

type ViewerNoticeProps = { error: Error | null; onRetry: () => void; onClose: () => void }

/** What stands in the place of a video: that it is looked for, gone, or cannot be had now. */
export function ViewerNotice({ error, onRetry, onClose }: ViewerNoticeProps) {
  if (error === null) {
    return (
      <output className="grid flex-1 place-items-center p-6 text-muted">Getting your video</output>
    )
  }
  const gone = isGone(error)
  return (
    <div className="grid flex-1 place-content-center justify-items-center gap-4 p-6 text-center">
      <p className="text-base" role="alert" data-testid="viewer-notice">
        {gone
          ? 'This video is no longer here, or is not yours.'
          : 'We cannot load this video right now. It is kept.'}
      </p>
      <div className="flex flex-wrap justify-center gap-2">
        {!gone && <Button onClick={onRetry}>Try again</Button>}
        <Button look={gone ? 'primary' : 'quiet'} data-testid="back-to-studio" onClick={onClose}>
          Back to the studio
        </Button>
      </div>
    </div>
  )
}
