import { expect, test } from 'vitest'

import type { Admin } from '../../api.ts'
import { lacksOf, templateAbilities } from './abilities.ts'

const VAE = 'wan_2.1_vae.safetensors in models/vae'
const MEMORY = '40 GB of video memory; it has 24 GB'

const BACKEND = {
  abilities: ['animate/move@draft', 'animate/move@1.0.0@draft'],
  missing: {
    'animate/move@high': [MEMORY],
    'animate/mix@draft': [VAE],
    'animate/mix@high': [VAE, MEMORY],
    'animate/mix@1.0.0@draft': [VAE],
  },
} as unknown as Admin<'Backend'>

test('a template is told with the qualities it is rendered at, whatever its version', () => {
  expect(templateAbilities(BACKEND)).toEqual([
    { template_id: 'animate/mix', can: { draft: false, standard: false, high: false } },
    { template_id: 'animate/move', can: { draft: true, standard: false, high: false } },
  ])
})

test('what is missing is told once, with all that it stops', () => {
  expect(lacksOf(BACKEND)).toEqual([
    {
      add: MEMORY,
      stops: [
        { template_id: 'animate/mix', qualities: ['high'] },
        { template_id: 'animate/move', qualities: ['high'] },
      ],
    },
    { add: VAE, stops: [{ template_id: 'animate/mix', qualities: ['draft', 'high'] }] },
  ])
})

test('a backend that was not asked yet has neither', () => {
  const backend = { ...BACKEND, abilities: null, missing: {} }
  expect(templateAbilities(backend)).toEqual([])
  expect(lacksOf(backend)).toEqual([])
})
