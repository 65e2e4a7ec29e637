const ROUND = 2 * Math.PI * 15

/** How much of a file has left, over its picture. Sent in full, it waits for the server to read it. */
export function UploadRing({ sent }: { sent: number }) {
  const reading = sent >= 1
  return (
    <span className="absolute inset-0 grid place-items-center bg-bg/70 text-ink">
      <svg viewBox="0 0 36 36" className="absolute size-10 -rotate-90" aria-hidden>
        <circle
          cx="18"
          cy="18"
          r="15"
          fill="none"
          stroke="currentColor"
          strokeWidth="2.5"
          opacity=".2"
        />
        <circle
          cx="18"
          cy="18"
          r="15"
          fill="none"
          strokeWidth="2.5"
          strokeLinecap="round"
          className={reading ? 'animate-wait stroke-accent' : 'stroke-accent'}
          strokeDasharray={ROUND}
          strokeDashoffset={ROUND * (1 - sent)}
        />
      </svg>
      {!reading && (
        <span className="text-[10px] font-semibold tabular-nums">{Math.round(sent * 100)}</span>
      )}
    </span>
  )
}
