/** Stands for the browser's EventSource: what opened it is listed, what it says is said by the test. */
export class FakeEventSource extends EventTarget {
  static opened: FakeEventSource[] = []
  static get last(): FakeEventSource {
    return FakeEventSource.opened.at(-1) as FakeEventSource
  }

  closed = false
  readonly url: string

  constructor(url: string) {
    super()
    this.url = url
    FakeEventSource.opened.push(this)
  }

  close(): void {
    this.closed = true
  }

  say(type: string, data: unknown, lastEventId = ''): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId }))
  }

  break(): void {
    this.dispatchEvent(new Event('error'))
  }
}
