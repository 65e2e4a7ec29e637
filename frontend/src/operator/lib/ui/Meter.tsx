import { percentWords } from '../words.ts'

/** A share of the whole, from 0 to 1, as a bar and in words. */
export function Meter({ share, label }: { share: number; label: string }) {
  return (
    <span className="inline-flex items-center gap-2">
      <progress
        value={share}
        max={1}
        aria-label={label}
        className="h-1.5 w-20 appearance-none overflow-hidden rounded-full bg-line [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent [&::-moz-progress-bar]:bg-accent"
      />
      <span className="text-xs whitespace-nowrap tabular-nums">{percentWords(share)}</span>
    </span>
  )
}
