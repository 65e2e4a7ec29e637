import { FileDown } from 'lucide-react'

/** Shown while files are held over the window. */
export default function DropOverlay() {
  return (
    <div className="pointer-events-none fixed inset-3 z-10 grid place-items-center rounded-card border-2 border-dashed border-accent bg-bg/85">
      <p className="flex flex-col items-center gap-2 text-center text-base font-medium">
        <FileDown size={28} className="text-accent" aria-hidden />
        Drop pictures, clips and sounds here
        <span className="text-sm font-normal text-muted">They are sorted for you.</span>
      </p>
    </div>
  )
}
