type PhoneVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void }

/** Let a box fill the screen, or give the screen back. */
export async function toggleFullscreen(box: HTMLElement | null): Promise<void> {
  if (document.fullscreenElement !== null) return document.exitFullscreen()
  // A browser may refuse without a press just before it: then nothing changes.
  if (document.fullscreenEnabled) return box?.requestFullscreen().catch(() => {})
  // An iPhone shows only a video by itself that large.
  box?.querySelector<PhoneVideo>('video')?.webkitEnterFullscreen?.()
}
