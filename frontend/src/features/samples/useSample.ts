import { useMutation } from '@tanstack/react-query'

import { useFetchSample, type SampleInRole } from '../../api/samples.ts'
import type { ModeId } from '../../lib/modes.ts'
import { PROMPTS } from './prompts.ts'

export type OnSample = (mode: ModeId, prompt: string, files: SampleInRole[]) => void

/** Fetch a sample and hand it on. */
export function useSample(onSample: OnSample) {
  const fetchSample = useFetchSample()
  return useMutation({
    mutationFn: fetchSample,
    onSuccess: (files, mode) => onSample(mode, PROMPTS[mode], files),
  })
}
