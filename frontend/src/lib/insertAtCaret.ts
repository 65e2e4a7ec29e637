export type Inserted = { text: string; caret: number }

/** Put a keyword at the caret as one more item of a list, with the commas and spaces it needs. */
export function insertAtCaret(text: string, caret: number, word: string): Inserted {
  const before = text.slice(0, caret).trimEnd()
  const after = text.slice(caret).trimStart()
  const lead = before === '' ? '' : /[,.;:]$/.test(before) ? ' ' : ', '
  const tail = after === '' || /^[,.;:]/.test(after) ? '' : ', '
  const head = before + lead + word
  return { text: head + tail + after, caret: head.length }
}
