import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import ts from 'typescript'
import { expect, test } from 'vitest'

const BANNED =
  /\b(comfy\w*|nodes?|workflows?|samplers?|checkpoints?|loras?|latents?|vae|cfg|steps?|schedulers?|denoise\w*|vram|seeds?)\b/i

/** What a person may come to read in a source file: its texts, not its names and addresses. */
function texts(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isLiteralTypeNode(node)) return
    if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node) || ts.isJsxText(node)) {
      found.push(node.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Of the studio: engine words are allowed in the operators' console. */
function sources(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.|\.gen\.|^test\/|^operator\//.test(name))
    .map((name) => join('src', name))
}

const SPOKEN = sources().flatMap((file) => texts(file).map((text) => ({ file, text })))

test('the texts of the page are read', () => {
  const all = SPOKEN.map(({ text }) => text)
  expect(all).toContainEqual(expect.stringContaining('Give your character a move'))
  expect(all).toContain('Still needed: ')
  expect(all).toContain('Variation number')
})

test('no engine word is in any text', () => {
  // aria-current has this value for the present one of several stages; nobody reads it.
  const found = SPOKEN.filter(({ text }) => BANNED.test(text) && text !== 'step')
  expect(found).toEqual([])
})

test('nothing is shouted', () => {
  expect(SPOKEN.filter(({ text }) => /\w!(\s|$)/.test(text))).toEqual([])
})

test('the page names nothing from another origin', () => {
  expect(SPOKEN.filter(({ text }) => /https?:\/\//.test(text))).toEqual([])
})
