/** The mark: one stroke coming into motion. */
export function Logo() {
  return (
    <svg viewBox="4 5 24 22" className="h-6 w-7 shrink-0 text-accent" fill="none" aria-hidden>
      <g stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round">
        <path d="M6.5 24 12 8" opacity=".3" />
        <path d="M11 24 16.5 8" opacity=".6" />
        <path d="M15.5 24 21 8l5 16" />
        <path d="M18 18.5h5.6" />
      </g>
    </svg>
  )
}
