import { fireEvent, render, screen } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'

import { Menu } from './Menu.tsx'
import { MenuItem } from './MenuItem.tsx'

const BUTTON = { left: 100, right: 200, height: 44, width: 100 }

function rectAt(top: number): DOMRect {
  return { ...BUTTON, top, bottom: top + BUTTON.height } as DOMRect
}

function open() {
  render(
    <Menu
      label="Fruit"
      testId="fruit"
      buttonClass=""
      items={['Apple', 'Pear'].map((name) => (
        <MenuItem key={name} title={name} checked={name === 'Pear'} onChoose={() => {}} />
      ))}
    >
      Fruit
    </Menu>,
  )
  const panel = screen.getByRole('menu', { hidden: true }).parentElement as HTMLElement
  Object.defineProperty(panel, 'offsetHeight', { value: 300 })
  Object.defineProperty(panel, 'offsetWidth', { value: 240 })
  const told = new Event('toggle') as Event & { newState: string }
  told.newState = 'open'
  fireEvent(panel, told)
  return panel
}

function placeOf({ style }: HTMLElement) {
  const sides = ['left', 'top', 'bottom', 'height']
  return Object.fromEntries(sides.map((side) => [side, style.getPropertyValue(`--${side}`)]))
}

beforeEach(() => {
  vi.spyOn(document.documentElement, 'clientHeight', 'get').mockReturnValue(800)
  vi.spyOn(document.documentElement, 'clientWidth', 'get').mockReturnValue(1000)
})

test('a menu stands below its button, and its present choice has the focus', () => {
  vi.spyOn(HTMLButtonElement.prototype, 'getBoundingClientRect').mockReturnValue(rectAt(100))
  const panel = open()
  expect(placeOf(panel)).toMatchObject({ left: '100px', top: '152px', bottom: 'auto' })
  expect(document.activeElement).toHaveTextContent('Pear')
})

test('near the bottom of the window it stands above', () => {
  vi.spyOn(HTMLButtonElement.prototype, 'getBoundingClientRect').mockReturnValue(rectAt(700))
  expect(placeOf(open())).toMatchObject({ top: 'auto', bottom: '108px', height: '684px' })
})

test('it stays where it is while the page below it grows, and follows a page that is scrolled', () => {
  const rect = vi.spyOn(HTMLButtonElement.prototype, 'getBoundingClientRect')
  rect.mockReturnValue(rectAt(100))
  const panel = open()
  document.body.append(document.createElement('div'))
  expect(placeOf(panel).top).toBe('152px')
  rect.mockReturnValue(rectAt(60))
  fireEvent.scroll(window)
  expect(placeOf(panel).top).toBe('112px')
})
