import type { Settings } from './draft.ts'

const SIZES: Record<Settings['shape'], string> = {
  '9:16': 'h-4 w-2.25',
  '16:9': 'h-2.25 w-4',
  '1:1': 'size-3',
}

export function ShapeIcon({ shape }: { shape: Settings['shape'] }) {
  return (
    <span aria-hidden className={`${SIZES[shape]} rounded-[2px] border-[1.5px] border-current`} />
  )
}
