import { MenuItem } from '../../components/MenuItem.tsx'
import { ModeIcon } from '../../components/ModeIcon.tsx'
import { MODE_IDS, MODES } from '../../lib/modes.ts'
import { useSample, type OnSample } from './useSample.ts'

/** The samples of a menu, one for each mode. */
export default function SampleItems({ onSample }: { onSample: OnSample }) {
  const sample = useSample(onSample)
  return (
    <>
      {MODE_IDS.map((mode) => (
        <MenuItem
          key={mode}
          icon={<ModeIcon mode={mode} size={20} />}
          title={MODES[mode].label}
          hint={sample.isError ? 'It did not load. Try again.' : MODES[mode].sentence}
          testId={`sample-${mode}`}
          onChoose={() => sample.mutate(mode)}
        />
      ))}
    </>
  )
}
