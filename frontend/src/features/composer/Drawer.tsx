import { Segmented } from '../../components/Segmented.tsx'
import { TextField } from '../../components/TextField.tsx'
import { QUALITIES, SHAPES } from '../../lib/choices.ts'
import type { Draft, Settings } from './draft.ts'
import { ModeSettings } from './ModeSettings.tsx'
import { lengthFault, partsFault, variationFault } from './settingsFaults.ts'
import { ShapeIcon } from './ShapeIcon.tsx'
import { useQualityTimes } from './useQualityTimes.ts'

const SHAPE_ICONS = {
  '9:16': <ShapeIcon shape="9:16" />,
  '16:9': <ShapeIcon shape="16:9" />,
  '1:1': <ShapeIcon shape="1:1" />,
}

type DrawerProps = {
  id: string
  draft: Draft
  onChange: (part: Partial<Settings>) => void
}

/** The settings that are closed away until they are wanted. */
export default function Drawer({ id, draft, onChange }: DrawerProps) {
  const { mode, settings } = draft
  const times = useQualityTimes(draft)
  const source = mode === 'audio' ? 'sound' : 'clip'
  return (
    <section
      id={id}
      aria-label="Advanced"
      data-testid="drawer"
      className="grid w-full gap-x-6 gap-y-5 border-t border-line px-4 py-5 sm:grid-cols-2"
    >
      <Segmented
        label="Shape"
        choices={SHAPES}
        value={settings.shape}
        onChange={(shape) => onChange({ shape })}
        icons={SHAPE_ICONS}
      />
      <Segmented
        label="Quality"
        choices={QUALITIES}
        value={settings.quality}
        onChange={(quality) => onChange({ quality })}
        notes={times}
        hint={QUALITIES.find((choice) => choice.value === settings.quality)?.hint}
      />
      <ModeSettings mode={mode} settings={settings} onChange={onChange} />
      <TextField
        label="Length in seconds"
        inputMode="decimal"
        placeholder={`As long as the ${source}`}
        value={settings.length}
        onChange={(length) => onChange({ length: length.trim().replace(',', '.') })}
        fault={lengthFault(settings)}
      />
      <TextField
        label="More parts"
        inputMode="numeric"
        placeholder="As many as it takes"
        value={settings.parts}
        onChange={(parts) => onChange({ parts: parts.trim() })}
        fault={partsFault(settings)}
        hint="Long videos are made in parts. 0 makes one part."
      />
      <TextField
        label="Variation number"
        inputMode="numeric"
        placeholder="New each time"
        value={settings.variation}
        onChange={(variation) => onChange({ variation: variation.trim() })}
        fault={variationFault(settings)}
        hint="The same number repeats the same take."
      />
      <TextField
        label="What to avoid"
        maxLength={4000}
        placeholder="For example: blur, text"
        value={settings.avoid}
        onChange={(avoid) => onChange({ avoid })}
      />
    </section>
  )
}
