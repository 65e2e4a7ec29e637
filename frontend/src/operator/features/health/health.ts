import { ApiError } from '../../../api/problem.ts'
import type { Admin } from '../../api.ts'
import { problemWords } from '../../lib/words.ts'
import type { Tone } from '../../lib/ui/index.ts'

type SystemHealth = Admin<'SystemHealth'>
type HealthPart = Admin<'HealthPart'>
type PartState = Admin<'PartState'>

export const TONES: Record<PartState, Tone> = { working: 'ok', limited: 'warn', down: 'bad' }

const RANKS: Record<PartState, number> = { down: 0, limited: 1, working: 2 }

const KINDS = [
  { kind: 'dependency', name: 'Dependencies' },
  { kind: 'queue', name: 'Task queues' },
  { kind: 'backend', name: 'Backends' },
] as const

export type Group = { name: string; parts: HealthPart[] }
export type Verdict = { tone: Tone; words: string }

/** The whole in a word or two. error: of the last time it was asked for. */
export function verdictOf(health: SystemHealth | undefined, error: unknown): Verdict {
  if (error) {
    const answered = error instanceof ApiError && error.problem !== null
    return {
      tone: 'bad',
      words: answered ? (problemWords(error).lines[0] as string) : 'The gateway does not answer',
    }
  }
  if (!health) return { tone: 'calm', words: 'Asking' }
  const parts = health.parts.filter(({ state }) => state !== 'working')
  if (health.state === 'working') return { tone: 'ok', words: 'All working' }
  const [first] = worstFirst(parts)
  if (!first) return { tone: TONES[health.state], words: 'Down: no backend' }
  const rest = parts.length > 1 ? ` and ${parts.length - 1} more` : ''
  const lead = health.state === 'down' ? 'Down' : 'Limited'
  return { tone: TONES[health.state], words: `${lead}: ${first.name}${rest}` }
}

/** The parts by their kind, the worst first, and so the kinds. */
export function groupsOf({ parts }: SystemHealth): Group[] {
  const groups = KINDS.map(({ kind, name }) => ({
    name,
    parts: worstFirst(parts.filter((part) => part.kind === kind)),
  })).filter((group) => group.parts.length > 0)
  return groups.toSorted((one, other) => rankOf(one) - rankOf(other))
}

function rankOf({ parts }: Group): number {
  return Math.min(...parts.map(({ state }) => RANKS[state]))
}

function worstFirst(parts: readonly HealthPart[]): HealthPart[] {
  return parts.toSorted((one, other) => RANKS[one.state] - RANKS[other.state])
}
