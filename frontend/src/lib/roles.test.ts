import { describe, expect, test } from 'vitest'

import {
  ACCEPT,
  canBeShown,
  guessRole,
  kindOf,
  rolesOf,
  type FileKind,
  type RoleId,
} from './roles.ts'

describe('the role of a new file', () => {
  test.each<[FileKind, RoleId[], RoleId]>([
    ['image', [], 'ground-truth'],
    ['image', ['ground-truth'], 'reference'],
    ['image', ['ground-truth', 'reference'], 'reference'],
    ['image', ['motion-video', 'audio'], 'ground-truth'],
    ['video', [], 'motion-video'],
    ['video', ['motion-video'], 'motion-video'],
    ['audio', ['ground-truth'], 'audio'],
  ])('%s beside %j is %s', (kind, taken, role) => {
    expect(guessRole(kind, taken)).toBe(role)
  })

  test('only pictures have a choice of roles', () => {
    expect(rolesOf('image')).toEqual(['ground-truth', 'reference', 'pose-sheet'])
    expect(rolesOf('video')).toEqual(['motion-video'])
    expect(rolesOf('audio')).toEqual(['audio'])
  })
})

describe('the kind of a file', () => {
  test.each<[string, string, FileKind | null]>([
    ['hero.PNG', 'image/png', 'image'],
    ['dance.mov', '', 'video'],
    ['voice.m4a', 'audio/x-m4a', 'audio'],
    ['clip.mkv', 'video/x-matroska', 'video'],
    ['pasted', 'image/png', 'image'],
    ['logo.svg', 'image/svg+xml', null],
    ['notes.pdf', 'application/pdf', null],
    ['program', '', null],
  ])('%s of type %j is %s', (name, type, kind) => {
    expect(kindOf({ name, type })).toBe(kind)
  })
})

describe('what the file pickers offer', () => {
  test.each<[FileKind, string]>([
    ['image', 'image/*,.png,.jpg'],
    ['video', 'video/*,.mp4,'],
    ['audio', 'audio/*,'],
  ])('%s begins with %j', (kind, start) => {
    expect(ACCEPT[kind].startsWith(start)).toBe(true)
  })
})

test.each([
  ['hero.heic', false],
  ['hero.TIF', false],
  ['hero.png', true],
  ['pasted', true],
])('a browser draws %s itself: %s', (name, shown) => {
  expect(canBeShown({ name })).toBe(shown)
})
