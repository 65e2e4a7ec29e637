// What a page loads before it can be used: the entry, what it imports at once, and its styles.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const LIMITS_KB = {
  'index.html': { js: 100, css: 10 },
  'operator.html': { js: 110, css: 12 },
}
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))

/** The files of an entry, by kind. */
function filesOf(entry) {
  const seen = new Set()
  const files = { js: new Set(), css: new Set() }
  const take = (key) => {
    if (seen.has(key)) return
    seen.add(key)
    const chunk = manifest[key]
    files.js.add(chunk.file)
    for (const css of chunk.css ?? []) files.css.add(css)
    for (const imported of chunk.imports ?? []) take(imported)
  }
  take(entry)
  return files
}

for (const [entry, limits] of Object.entries(LIMITS_KB)) {
  const files = filesOf(entry)
  for (const [kind, limit] of Object.entries(limits)) {
    const bytes = [...files[kind]]
      .map((file) => gzipSync(readFileSync(new URL(file, dist))).length)
      .reduce((sum, size) => sum + size, 0)
    const kb = bytes / 1000
    console.log(`${entry} ${kind}: ${kb.toFixed(1)} of ${limit} KB gzipped`)
    if (kb > limit) process.exitCode = 1
  }
}
