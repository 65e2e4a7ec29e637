const GAP_PX = 8

/**
 * Put an open menu beside its button, on the side with more room where it does not fit below. Its
 * place is in the window, so what loads under it can't move it. Phones have a sheet instead, whose
 * styles heed none of it.
 */
export function placeMenu(panel: HTMLElement, button: HTMLElement, atEnd: boolean): void {
  panel.removeAttribute('style')
  const { clientWidth: width, clientHeight: height } = document.documentElement
  const { top, right, bottom, left } = button.getBoundingClientRect()
  const below = height - bottom
  const above = panel.offsetHeight + 2 * GAP_PX > below && top > below
  const room = Math.max((above ? top : below) - 2 * GAP_PX, 0)
  const start = atEnd ? right - panel.offsetWidth : left
  const edge = width - panel.offsetWidth - GAP_PX
  const place = {
    left: `${Math.max(GAP_PX, Math.min(start, edge))}px`,
    top: above ? 'auto' : `${bottom + GAP_PX}px`,
    bottom: above ? `${height - top + GAP_PX}px` : 'auto',
    height: `${room}px`,
  }
  for (const [name, value] of Object.entries(place)) panel.style.setProperty(`--${name}`, value)
}
