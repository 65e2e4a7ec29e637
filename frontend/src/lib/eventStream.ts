import { backoffMs } from './backoff.ts'

const SILENCE_MS = 35_000

export type EventStreamOptions = {
  url: string
  /** The names of the numbered messages to hand on. Hello and ping are the stream's own. */
  types: readonly string[]
  /** The names of those that only tell of now: a stream that breaks does not ask after them. */
  unnumbered: readonly string[]
  onMessage: (type: string, data: string) => void
  /** The stream stands and tells everything from here on: time to read the present state. */
  onLive: () => void
  onDown: () => void
  Source?: typeof EventSource
}

/**
 * A server-sent event stream that stays open until it is closed by the function this returns.
 *
 * The browser's own EventSource gives up for good after an HTTP error and never notices a silent
 * connection, so every end is answered here: a new one after a jittered wait, asking for what came
 * after the last id, at once when the machine is online or the tab is seen again.
 */
export function openEventStream(options: EventStreamOptions): () => void {
  const { Source = EventSource } = options
  let source: EventSource | null = null
  let lastId = ''
  let attempt = 0
  let live = false
  let heardAt = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const hear = () => {
    heardAt = Date.now()
    clearTimeout(timer)
    timer = setTimeout(fail, SILENCE_MS)
  }

  const onHello = (event: MessageEvent<string>) => {
    hear()
    // What was missed is sent after hello: until it is here, the number asked for stays the last.
    lastId ||= event.lastEventId || String((JSON.parse(event.data) as { last_id: number }).last_id)
    attempt = 0
    live = true
    options.onLive()
  }

  const onUnnumbered = (event: MessageEvent<string>) => {
    hear()
    options.onMessage(event.type, event.data)
  }

  const onEvent = (event: MessageEvent<string>) => {
    lastId = event.lastEventId || lastId
    onUnnumbered(event)
  }

  const connect = () => {
    clearTimeout(timer)
    source?.close()
    source = new Source(lastId ? `${options.url}?after=${encodeURIComponent(lastId)}` : options.url)
    source.addEventListener('hello', onHello)
    source.addEventListener('ping', hear)
    for (const type of options.types) source.addEventListener(type, onEvent)
    // The browser gives these the number of the message before them, so they must not set the last.
    for (const type of options.unnumbered) source.addEventListener(type, onUnnumbered)
    source.addEventListener('error', fail)
    heardAt = Date.now()
    timer = setTimeout(fail, SILENCE_MS)
  }

  function fail() {
    source?.close()
    source = null
    clearTimeout(timer)
    live = false
    options.onDown()
    timer = setTimeout(connect, backoffMs(attempt))
    attempt += 1
  }

  const wake = () => {
    const hidden = document.visibilityState === 'hidden'
    if (hidden || (live && Date.now() - heardAt < SILENCE_MS)) return
    attempt = 0
    connect()
  }

  window.addEventListener('online', wake)
  document.addEventListener('visibilitychange', wake)
  connect()

  return () => {
    window.removeEventListener('online', wake)
    document.removeEventListener('visibilitychange', wake)
    clearTimeout(timer)
    source?.close()
  }
}
