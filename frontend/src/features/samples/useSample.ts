import { useMutation } from '@tanstack/react-query'

import { useSampleOf, type SampleInRole } from '../../api/samples.ts'
import type { ModeId } from '../../lib/modes.ts'
import { PROMPTS } from './prompts.ts'

export type OnSample = (mode: ModeId, prompt: string, files: SampleInRole[]) => void

/** Find a sample and hand it on. */
export function useSample(onSample: OnSample) {
  const sampleOf = useSampleOf()
  return useMutation({
    mutationFn: sampleOf,
    onSuccess: (files, mode) => onSample(mode, PROMPTS[mode], files),
  })
}
