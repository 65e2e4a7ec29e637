import type { KeyboardEvent } from 'react'

import { isEnded } from '../../api/jobCache.ts'
import type { Job } from '../../api/types.ts'
import { lettersOn } from '../../lib/keys.ts'

/** What has keys of its own. */
const OTHERS = 'video, input, textarea, [role=menu] *, [role=slider]'
const CARD = '[data-testid=run-card]'
const LINK = 'a[data-testid=open-viewer]'

/** Arrows lead from card to card, D downloads and Delete deletes. Enter is the link's own. */
export function useWallKeys(jobs: Job[], onRemove: (job: Job) => void) {
  return (event: KeyboardEvent<HTMLElement>) => {
    const { target, key, currentTarget: list } = event
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (!(target instanceof Element) || target.matches(OTHERS)) return
    const card = target.closest<HTMLElement>(CARD)
    if (card === null) return
    const job = jobs.find(({ job_id }) => job_id === card.dataset.jobId)
    if (act()) event.preventDefault()

    function act(): boolean {
      if (key === 'Delete') return removes()
      if (key.toLowerCase() === 'd') return lettersOn() && downloads()
      const next = beside(linked(list), card as HTMLElement, key)
      next?.querySelector<HTMLElement>(LINK)?.focus()
      return next !== undefined
    }

    function removes(): boolean {
      if (job === undefined || !isEnded(job)) return false
      onRemove(job)
      return true
    }

    function downloads(): boolean {
      const link = card?.querySelector<HTMLElement>('[data-testid=download-link]')
      link?.click()
      return link !== null
    }
  }
}

/** Focus the card after one that goes, or the one before it where it is the last. */
export function focusBeside(list: HTMLElement | null, job_id: string): void {
  if (list === null) return
  const cards = linked(list)
  const at = cards.findIndex((card) => card.dataset.jobId === job_id)
  const next = cards[at + 1] ?? cards[at - 1]
  next?.querySelector<HTMLElement>(LINK)?.focus({ preventScroll: true })
}

function linked(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(CARD)].filter((card) => card.querySelector(LINK))
}

/** The card that an arrow leads to; undefined for another key, and at an end. */
function beside(cards: HTMLElement[], card: HTMLElement, key: string): HTMLElement | undefined {
  const at = cards.indexOf(card)
  if (key === 'ArrowLeft') return cards[at - 1]
  if (key === 'ArrowRight') return cards[at + 1]
  if (key === 'Home') return cards[0]
  if (key === 'End') return cards.at(-1)
  if (key === 'ArrowUp') return nearest(cards.slice(0, at).toReversed(), card)
  if (key === 'ArrowDown') return nearest(cards.slice(at + 1), card)
  return undefined
}

/** Of the first row among `others` that is not the card's own, the one that is most in line with it. */
function nearest(others: HTMLElement[], card: HTMLElement): HTMLElement | undefined {
  const first = others.find((one) => topOf(one) !== topOf(card))
  if (first === undefined) return undefined
  const row = others.filter((one) => topOf(one) === topOf(first))
  const off = (one: HTMLElement) => Math.abs(middleOf(one) - middleOf(card))
  return row.reduce((best, one) => (off(one) < off(best) ? one : best))
}

function topOf(card: HTMLElement): number {
  return card.getBoundingClientRect().top
}

function middleOf(card: HTMLElement): number {
  const { left, width } = card.getBoundingClientRect()
  return left + width / 2
}
