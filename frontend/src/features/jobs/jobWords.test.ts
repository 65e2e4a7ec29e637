import { expect, test } from 'vitest'

import { job } from '../../test/factory.ts'
import { metaWords, shapeOf, stageWords, waitLine } from './jobWords.ts'

test.each([
  [{ stage: 'reading_files' }, 'Reading your files', 'Getting ready'],
  [{ stage: 'in_line', queue_position: 3 }, 'In line', 'Number 3 in line'],
  [{ stage: 'in_line' }, 'In line', 'Finding your place'],
  [{ stage: 'animating' }, 'Animating', 'estimating'],
  [{ stage: 'animating', eta_seconds: { low: 200, high: 280 } }, 'Animating', 'about 4 min left'],
  [{ stage: 'finishing' }, 'Finishing', 'Nearly there'],
  [{ stage: 'animating', status: 'cancelling' }, 'Stopping', 'This takes a few seconds.'],
] as const)('%j reads %s, %s', (part, stage, wait) => {
  expect([stageWords(job(part)), waitLine(job(part))]).toEqual([stage, wait])
})

test('the facts of a video name its mode and quality', () => {
  expect(metaWords(job())).toEqual(['Animate – Move', 'Standard'])
})

test('the shape is the one asked for until there is a result', () => {
  const asked = { ...job().settings_json, aspect_ratio: '16:9' as const }
  expect(shapeOf(job({ settings_json: asked }))).toBeCloseTo(16 / 9)
  expect(shapeOf(job())).toBeCloseTo(9 / 16)
})
