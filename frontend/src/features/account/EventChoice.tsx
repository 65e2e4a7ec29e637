import { ALL_EVENTS, EVENT_WORDS, type WebhookEvent } from './eventWords.ts'

type EventChoiceProps = { events: WebhookEvent[]; onChange: (events: WebhookEvent[]) => void }

/** What of its owner's videos a service is told. */
export function EventChoice({ events, onChange }: EventChoiceProps) {
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Tell it when</legend>
      <div className="grid gap-x-4 sm:grid-cols-2">
        {ALL_EVENTS.map((event) => (
          <label key={event} className="flex min-h-11 items-center gap-2">
            <input
              type="checkbox"
              className="size-6 accent-accent"
              checked={events.includes(event)}
              onChange={({ target }) =>
                onChange(
                  ALL_EVENTS.filter((one) =>
                    one === event ? target.checked : events.includes(one),
                  ),
                )
              }
            />
            {EVENT_WORDS[event]}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
