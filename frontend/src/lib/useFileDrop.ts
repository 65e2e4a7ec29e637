import { useEffect, useEffectEvent, useState } from 'react'

/** Take files dropped or pasted anywhere in the window. True while files are held over it. */
export function useFileDrop(onFiles: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false)
  const take = useEffectEvent((event: Event, transfer: DataTransfer | null) => {
    setOver(false)
    const files = Array.from(transfer?.files ?? [])
    if (files.length === 0) return
    event.preventDefault()
    onFiles(files)
  })

  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    const hold = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      // Leaving one element for another also fires: only leaving the window has no next element.
      if (event.relatedTarget === null) setOver(false)
    }
    window.addEventListener('dragenter', hold, { signal })
    window.addEventListener('dragover', hold, { signal })
    window.addEventListener('dragleave', leave, { signal })
    window.addEventListener('drop', (event) => take(event, event.dataTransfer), { signal })
    window.addEventListener('paste', (event) => take(event, event.clipboardData), { signal })
    return () => controller.abort()
  }, [])

  return over
}
