import { Download } from 'lucide-react'
import type { Ref } from 'react'

type DownloadLinkProps = { url: string; ref: Ref<HTMLAnchorElement> }

export function DownloadLink({ url, ref }: DownloadLinkProps) {
  return (
    <a
      ref={ref}
      href={url}
      download
      data-testid="download-link"
      className="inline-flex min-h-11 items-center gap-2 rounded-chip bg-accent px-3 font-semibold text-on-accent transition-colors duration-150 hover:bg-accent/90"
    >
      <Download size={16} aria-hidden /> Download
    </a>
  )
}
