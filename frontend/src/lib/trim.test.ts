import { describe, expect, test } from 'vitest'

import {
  afterCut,
  beforeCut,
  movedTo,
  partOf,
  trimOf,
  typedSeconds,
  useWords,
  withEnd,
  withLength,
  withStart,
} from './trim.ts'

const FILE = { duration: 14.233, longest: 30 }
const SONG = { duration: 200, longest: 30 }
const PART = { start: 3.2, end: 9.2 }

describe('a trim as it is kept', () => {
  test('to the end reaches the end of the file', () => {
    expect(partOf({ start: 3, length: null }, FILE)).toEqual({ start: 3, end: 14.233 })
  })

  test('to the end of a long file is as much as a video may have', () => {
    expect(partOf({ start: 5, length: null }, SONG)).toEqual({ start: 5, end: 35 })
  })

  test('of another file is put inside this one', () => {
    expect(partOf({ start: 60, length: 20 }, FILE)).toEqual({ start: 13.733, end: 14.233 })
  })

  test('that reaches the end says so, also from a handle at the last tenth', () => {
    expect(trimOf({ start: 3, end: 14.233 }, FILE)).toEqual({ start: 3, length: null })
    expect(trimOf({ start: 3, end: 14.2 }, FILE)).toEqual({ start: 3, length: null })
  })

  test('comes back as it was', () => {
    const trim = { start: 3.2, length: 6 }
    expect(trimOf(partOf(trim, FILE), FILE)).toEqual(trim)
  })
})

describe('an edge that is moved', () => {
  test('leaves the other one where it is', () => {
    expect(withStart(PART, 4, FILE)).toEqual({ start: 4, end: 9.2 })
    expect(withEnd(PART, 8, FILE)).toEqual({ start: 3.2, end: 8 })
  })

  test('takes the other one along before the part gets too short', () => {
    expect(withStart(PART, 12, FILE)).toEqual({ start: 12, end: 12.5 })
    expect(withEnd(PART, 2, FILE)).toEqual({ start: 1.5, end: 2 })
  })

  test('takes the other one along before the part gets too long', () => {
    expect(withEnd({ start: 0, end: 30 }, 100, SONG)).toEqual({ start: 70, end: 100 })
    expect(withStart({ start: 70, end: 100 }, 10, SONG)).toEqual({ start: 10, end: 40 })
  })

  test('stays inside the file', () => {
    expect(withStart(PART, -1, FILE).start).toBe(0)
    expect(withStart(PART, 99, FILE)).toEqual({ start: 13.733, end: 14.233 })
    expect(withEnd(PART, 99, FILE).end).toBe(14.233)
    expect(withEnd(PART, -1, FILE)).toEqual({ start: 0, end: 0.5 })
  })
})

describe('what is typed', () => {
  test('as the start moves the whole part', () => {
    expect(movedTo(PART, 5, FILE)).toEqual({ start: 5, end: 11 })
  })

  test('as a start near the end shortens the part', () => {
    expect(movedTo(PART, 10, FILE)).toEqual({ start: 10, end: 14.233 })
  })

  test('as a length keeps the start', () => {
    expect(withLength(PART, 2.5, FILE)).toEqual({ start: 3.2, end: 5.7 })
  })

  test('as a length is no shorter, longer or later than can be', () => {
    expect(withLength(PART, 0, FILE).end).toBe(3.7)
    expect(withLength(PART, 99, FILE).end).toBe(14.233)
    expect(withLength({ start: 10, end: 20 }, 99, SONG)).toEqual({ start: 10, end: 40 })
  })

  test.each([
    ['12.3', 12.3],
    [' 12,3 ', 12.3],
    ['6', 6],
    ['6.', 6],
    [',5', 0.5],
    ['', null],
    ['-1', null],
    ['1:30', null],
    ['6 s', null],
    ['1e9', null],
  ])('%j is %j seconds', (text, seconds) => expect(typedSeconds(text)).toBe(seconds))
})

test('the part beside a cut has no frame of the other shot', () => {
  expect(afterCut({ start: 0, end: 10 }, 4.237, FILE)).toEqual({ start: 4.3, end: 10 })
  expect(beforeCut({ start: 0, end: 10 }, 4.237, FILE)).toEqual({ start: 0, end: 4.2 })
})

test('a file shorter than any part is used as a whole', () => {
  const blink = { duration: 0.3, longest: 30 }
  expect(withStart({ start: 0, end: 0.3 }, 0.2, blink)).toEqual({ start: 0, end: 0.3 })
})

test('the words say how much, of what and from where', () => {
  expect(useWords(PART, FILE)).toBe('Uses 6.0 s of 14.2 s, from 3.2 s')
  expect(useWords({ start: 0, end: 14.233 }, FILE)).toBe('Uses all 14.2 s')
})
