import { WandSparkles } from 'lucide-react'

import { Menu } from '../../components/Menu.tsx'
import { MenuItem } from '../../components/MenuItem.tsx'
import { ModeIcon } from '../../components/ModeIcon.tsx'
import { MODE_IDS, MODES } from '../../lib/modes.ts'
import { useSample, type OnSample } from './useSample.ts'

export function SampleMenu({ onSample }: { onSample: OnSample }) {
  const sample = useSample(onSample)
  return (
    <>
      <Menu
        label="Try a sample"
        testId="sample-menu"
        buttonClass="inline-flex min-h-11 items-center gap-2 rounded-chip px-3.5 font-medium text-muted transition-colors duration-150 hover:bg-raised hover:text-ink"
        items={MODE_IDS.map((mode) => (
          <MenuItem
            key={mode}
            icon={<ModeIcon mode={mode} size={20} />}
            title={MODES[mode].label}
            hint={MODES[mode].sentence}
            testId={`sample-${mode}`}
            onChoose={() => sample.mutate(mode)}
          />
        ))}
      >
        <WandSparkles size={16} aria-hidden /> Try a sample
      </Menu>
      {sample.isError && (
        <span role="alert" className="text-[13px] text-bad">
          The sample did not load. Try again.
        </span>
      )}
    </>
  )
}
