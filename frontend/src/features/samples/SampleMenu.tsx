import { WandSparkles } from 'lucide-react'
import { lazy, Suspense } from 'react'

import { Menu } from '../../components/Menu.tsx'
import type { OnSample } from './useSample.ts'

const SampleItems = lazy(() => import('./SampleItems.tsx'))

export function SampleMenu({ onSample }: { onSample: OnSample }) {
  return (
    <Menu
      label="Try a sample"
      testId="sample-menu"
      buttonClass="inline-flex min-h-11 items-center gap-2 rounded-chip px-3.5 font-medium text-muted transition-colors duration-150 hover:bg-raised hover:text-ink"
      items={
        <Suspense>
          <SampleItems onSample={onSample} />
        </Suspense>
      }
    >
      <WandSparkles size={16} aria-hidden /> Try a sample
    </Menu>
  )
}
