/**
 * A video element that plays nothing: jsdom has none. What the browser would do to it is told by
 * the test.
 */
export class FakeVideo {
  readonly element: HTMLVideoElement
  readonly seeks: number[] = []
  /** Whether the browser lets it play with sound. */
  sounds = true
  loads = 0
  private state = {
    currentTime: 0,
    duration: NaN,
    paused: true,
    ended: false,
    seeking: false,
    readyState: 0,
    error: null as MediaError | null,
  }

  constructor(element: HTMLVideoElement = document.createElement('video')) {
    this.element = element
    const { state } = this
    for (const key of Object.keys(state) as (keyof typeof state)[]) {
      Object.defineProperty(element, key, { get: () => state[key], configurable: true })
    }
    Object.defineProperty(element, 'currentTime', {
      get: () => state.currentTime,
      set: (seconds: number) => this.seek(seconds),
    })
    element.play = async () => {
      if (!this.sounds && !element.muted) throw new DOMException('', 'NotAllowedError')
      Object.assign(state, { paused: false, ended: false })
      this.say('play')
    }
    element.pause = () => {
      if (state.paused) return
      state.paused = true
      this.say('pause')
    }
    element.load = () => {
      this.loads += 1
    }
  }

  get time(): number {
    return this.state.currentTime
  }

  say(type: string): void {
    this.element.dispatchEvent(new Event(type))
  }

  private seek(seconds: number): void {
    this.seeks.push(seconds)
    Object.assign(this.state, { currentTime: seconds, seeking: true, ended: false })
    this.say('seeking')
  }

  /** Its length and first pictures have arrived. */
  loaded(duration: number): void {
    Object.assign(this.state, { duration, readyState: 4 })
    this.say('loadedmetadata')
    this.say('canplay')
  }

  /** It can show the picture it was sent to. */
  arrived(): void {
    this.state.seeking = false
    this.say('seeked')
  }

  playing(seconds: number): void {
    Object.assign(this.state, { currentTime: seconds, paused: false, ended: false })
    this.say('play')
  }

  pausedAt(seconds: number): void {
    Object.assign(this.state, { currentTime: seconds, paused: true })
    this.say('pause')
  }

  /** Its pictures are past these seconds. */
  reached(seconds: number): void {
    this.state.currentTime = seconds
    this.say('timeupdate')
  }

  atEnd(): void {
    Object.assign(this.state, { currentTime: this.state.duration, paused: true, ended: true })
    this.say('pause')
    this.say('ended')
  }
}
