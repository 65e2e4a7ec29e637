import { render, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'

import { switchLetters, usePageKeys } from './keys.ts'

const NAMES = ['Ctrl+Enter', 'Alt+1', '/', 'a', '?']

function Page({ done, dialog }: { done: string[]; dialog: boolean }) {
  usePageKeys(Object.fromEntries(NAMES.map((name) => [name, () => done.push(name)])))
  return (
    <>
      <input aria-label="Field" />
      {dialog && <dialog open>Over it</dialog>}
    </>
  )
}

function show({ dialog = false } = {}) {
  const done: string[] = []
  render(<Page done={done} dialog={dialog} />)
  return done
}

const ALL = '{Control>}{Enter}{/Control}{Meta>}{Enter}{/Meta}{Alt>}[Digit1]{/Alt}/a?'

afterEach(() => localStorage.clear())

test('every key does its own', async () => {
  const done = show()
  await userEvent.keyboard(ALL)
  expect(done).toEqual(['Ctrl+Enter', 'Ctrl+Enter', 'Alt+1', '/', 'a', '?'])
})

test('in a field, single keys are letters', async () => {
  const done = show()
  await userEvent.type(screen.getByLabelText('Field'), ALL)
  expect(done).toEqual(['Ctrl+Enter', 'Ctrl+Enter', 'Alt+1'])
  expect(screen.getByLabelText('Field')).toHaveValue('/a?')
})

test('single keys can be switched off', async () => {
  const done = show()
  switchLetters(false)
  await userEvent.keyboard(ALL)
  expect(done).toEqual(['Ctrl+Enter', 'Ctrl+Enter', 'Alt+1'])
})

test('a dialog has its own keys', async () => {
  const done = show({ dialog: true })
  await userEvent.keyboard(ALL)
  expect(done).toEqual([])
})
