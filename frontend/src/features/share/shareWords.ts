import type { Share, ShareRequest } from '../../api/types.ts'
import type { Choice } from '../../lib/choices.ts'

export type Ends = '1' | '7' | '30' | 'never'

export const ENDS: readonly Choice<Ends>[] = [
  { value: '1', label: '1 day' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: 'never', label: 'Until revoked' },
]

export type ShareChoice = { ends: Ends; prompt: boolean; inputs: boolean; download: boolean }

export const EVERYTHING_OFF: ShareChoice = {
  ends: '7',
  prompt: false,
  inputs: false,
  download: false,
}

export function requestOf({ ends, prompt, inputs, download }: ShareChoice): ShareRequest {
  return {
    days: ends === 'never' ? null : Number(ends),
    show_prompt: prompt,
    show_inputs: inputs,
    allow_download: download,
  }
}

/** What others will see: Anyone with the link sees the video and your words. */
export function sightWords({ prompt, inputs }: Pick<ShareChoice, 'prompt' | 'inputs'>): string {
  const shown = ['the video', ...(prompt ? ['your words'] : []), ...(inputs ? ['your files'] : [])]
  const last = shown.pop()
  const list = shown.length === 0 ? `only ${last}` : `${shown.join(', ')} and ${last}`
  return `Anyone with the link sees ${list}.`
}

/** How a link stands: Opened 3 times. Ends 24 Nov. Shows your words. */
export function linkWords(share: Share): string {
  const { views, expires_at, show_prompt, show_inputs, allow_download } = share
  const opened =
    views === 0 ? 'Not opened yet' : `Opened ${views === 1 ? 'once' : `${views} times`}`
  const day = { day: 'numeric', month: 'short' } as const
  const ends = expires_at
    ? `Ends ${new Date(expires_at).toLocaleDateString(undefined, day)}`
    : 'Works until you revoke it'
  const more = [
    ...(show_prompt ? ['your words'] : []),
    ...(show_inputs ? ['your files'] : []),
    ...(allow_download ? ['a download'] : []),
  ]
  return [opened, ends, ...(more.length > 0 ? [`With ${more.join(', ')}`] : [])].join('. ') + '.'
}
