import type { ModeId } from '../../lib/modes.ts'

export const PROMPTS: Record<ModeId, string> = {
  move: 'Dances with ease, lively expression, soft daylight, steady camera',
  mix: 'Takes the dancer’s place, same outfit, matching shadows, steady camera',
  audio: 'Speaks to the camera, warm smile, small hand gestures, studio light',
}
