/** The pictures of a video: how many a second, and how many there are. */
export type Timing = { fps: number; frames: number }

/** A part of a picture: what a time may be off by rounding. */
const EDGE = 1e-3
/** Apart by this part of a picture is together. */
const TOGETHER = 0.25
/** Further apart than this, only a jump helps; nearer, one plays a little faster or slower. */
const JUMP_S = 0.5
const MOST_NUDGE = 0.25

/** The exact rate: 29.97 stands for 30000/1001, and a long video tells the difference. */
export function exactRate(fps: number): number {
  const broadcast = (Math.round(fps) * 1000) / 1001
  return Math.abs(fps - broadcast) < 0.005 ? broadcast : fps
}

/** The picture that is seen at a time, from 0. */
export function frameAt(seconds: number, { fps, frames }: Timing): number {
  return within(Math.floor(seconds * exactRate(fps) + EDGE), frames)
}

/** The middle of a picture's time: at its edge, a browser may show the one before. */
export function timeOf(frame: number, { fps, frames }: Timing): number {
  return (within(frame, frames) + 0.5) / exactRate(fps)
}

function within(frame: number, frames: number): number {
  return Math.min(Math.max(frame, 0), Math.max(frames - 1, 0))
}

/** Tell which picture is seen, as often as it changes. Returns what ends it. */
export function watchFrames(
  video: HTMLVideoElement,
  timing: Timing,
  tell: (frame: number) => void,
): () => void {
  const watching = new AbortController()
  const byTime = () => tell(frameAt(video.currentTime, timing))
  if (!('requestVideoFrameCallback' in video)) {
    listen(video, ['timeupdate', 'seeking', 'seeked'], byTime, watching.signal)
    return () => watching.abort()
  }
  // The clock of a video runs ahead of what is drawn, and files round the start of a picture.
  const half = 0.5 / exactRate(timing.fps)
  const next = () =>
    video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (!video.seeking) tell(frameAt(mediaTime + half, timing))
      handle = next()
    })
  let handle = next()
  listen(video, ['seeking'], byTime, watching.signal)
  return () => {
    watching.abort()
    video.cancelVideoFrameCallback(handle)
  }
}

/**
 * How to bring a playing clip back to where it should be. off: how far it is ahead, in seconds.
 *
 * 'jump', or the rate to go on with as a multiple of the other one's.
 */
export function correction(off: number, fps: number): number | 'jump' {
  if (Math.abs(off) > JUMP_S) return 'jump'
  if (Math.abs(off) <= TOGETHER / fps) return 1
  return 1 - Math.min(Math.max(off / JUMP_S, -MOST_NUDGE), MOST_NUDGE)
}

type InStep = {
  lead: HTMLVideoElement
  clip: HTMLVideoElement
  /** Where in the clip the lead begins. */
  start: number
  /** Of the lead. */
  fps: number
}

/** Let a clip do what the lead does: play, pause, seek, speed, start over. Returns what ends it. */
export function keepInStep({ lead, clip, start, fps }: InStep): () => void {
  const keeping = new AbortController()
  const { signal } = keeping
  const place = () => start + lead.currentTime
  const hasMore = () => place() < clip.duration

  const jump = () => {
    if (clip.readyState >= clip.HAVE_METADATA) clip.currentTime = place()
  }
  const stand = () => {
    clip.pause()
    jump()
  }
  const go = () => {
    clip.playbackRate = lead.playbackRate
    if (moves(lead) && clip.paused && hasMore()) {
      // It is silent, which every browser lets play; where one does not, it stands at the place.
      clip.play().catch(() => {})
    }
  }
  const correct = () => {
    if (!moves(lead) || lead.seeking || clip.seeking || clip.readyState < clip.HAVE_METADATA) return
    go()
    const rate = hasMore() ? correction(clip.currentTime - place(), fps) : 1
    if (rate === 'jump') jump()
    else clip.playbackRate = lead.playbackRate * rate
  }

  listen(lead, ['pause', 'waiting', 'ended'], stand, signal)
  listen(lead, ['play', 'playing', 'ratechange'], go, signal)
  listen(lead, ['seeking', 'seeked'], jump, signal)
  listen(clip, ['loadedmetadata'], jump, signal)
  listen(clip, ['seeked', 'canplay'], correct, signal)
  const unwatch = watchFrames(lead, { fps, frames: Infinity }, correct)
  jump()
  go()
  return () => {
    keeping.abort()
    unwatch()
    clip.pause()
  }
}

function moves(video: HTMLVideoElement): boolean {
  return !video.paused && !video.ended
}

function listen(video: HTMLVideoElement, types: string[], then: () => void, signal: AbortSignal) {
  for (const type of types) video.addEventListener(type, then, { signal })
}
