import { backoffMs } from './backoff.ts'

/** Nobody sees that a picture is off by this much; starting to play takes about as long. */
const CLOSE_S = 0.05
/** How far ahead of a playing video to get ready, at first and at most. */
const LEAD_S = 0.4
const MOST_LEAD_S = 3

type HandOver = {
  now: HTMLVideoElement
  next: HTMLVideoElement
  /** Whether `now` plays, or would if there were more of it. */
  plays: () => boolean
  onDone: () => void
}

/**
 * Let `next` go on where `now` is, as soon as it can: at the same picture, as loud, and playing if
 * that one plays. Returns what calls it off.
 */
export function handOver({ now, next, plays, onDone }: HandOver): () => void {
  const listening = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let lead = LEAD_S
  let failures = 0
  let calledOff = false

  const wait = (seconds: number, then: () => void) => {
    clearTimeout(timer)
    timer = setTimeout(then, seconds * 1000)
  }

  const seek = () => {
    if (next.readyState < next.HAVE_METADATA) return
    next.currentTime = placeIn(next, now.currentTime + (moves(now) ? lead : 0))
  }

  const look = () => {
    clearTimeout(timer)
    const moving = moves(now)
    const needed = moving ? next.HAVE_FUTURE_DATA : next.HAVE_CURRENT_DATA
    if (next.seeking || next.readyState < needed || standsAlone(now)) return
    const ahead = next.currentTime - placeIn(next, now.currentTime)
    if (ahead < -CLOSE_S || (!moving && ahead > CLOSE_S)) {
      // It took longer to get ready than was thought.
      lead = Math.min(2 * lead, MOST_LEAD_S)
      seek()
    } else if (ahead > CLOSE_S) {
      wait((ahead - CLOSE_S) / now.playbackRate, look)
    } else {
      listening.abort()
      void goOn()
    }
  }

  const goOn = async () => {
    next.volume = now.volume
    next.muted = now.muted
    next.playbackRate = now.playbackRate
    if (plays()) await start(next)
    if (calledOff) return
    onDone()
    now.pause()
  }

  const { signal } = listening
  const on = (target: EventTarget, types: string[], then: () => void) => {
    for (const type of types) target.addEventListener(type, then, { signal })
  }
  on(next, ['loadedmetadata'], seek)
  on(next, ['seeked', 'canplay', 'canplaythrough'], look)
  on(next, ['error'], () => wait(backoffMs(failures++) / 1000, () => next.load()))
  on(now, ['seeked'], seek)
  on(now, ['play', 'pause', 'ended', 'leavepictureinpicture', 'webkitendfullscreen'], look)
  on(document, ['fullscreenchange'], look)
  seek()

  return () => {
    calledOff = true
    clearTimeout(timer)
    listening.abort()
  }
}

function moves(video: HTMLVideoElement): boolean {
  return !video.paused && video.error === null
}

function placeIn(video: HTMLVideoElement, seconds: number): number {
  return Math.min(seconds, video.duration)
}

/** Whether a video is shown outside the page, where no other one can take its place. */
function standsAlone(video: HTMLVideoElement): boolean {
  return (
    document.fullscreenElement === video ||
    document.pictureInPictureElement === video ||
    // An iPhone knows no other full screen.
    (video as { webkitDisplayingFullscreen?: boolean }).webkitDisplayingFullscreen === true
  )
}

async function start(video: HTMLVideoElement): Promise<void> {
  try {
    await video.play()
  } catch {
    // Some browsers let only a silent video start by itself.
    video.muted = true
    await video.play().catch(() => {})
  }
}
