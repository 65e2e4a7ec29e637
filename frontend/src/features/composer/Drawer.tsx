import { Segmented } from '../../components/Segmented.tsx'
import { TextField } from '../../components/TextField.tsx'
import { QUALITIES, SHAPES } from '../../lib/choices.ts'
import type { ModeId } from '../../lib/modes.ts'
import type { Settings } from './draft.ts'
import { ModeSettings } from './ModeSettings.tsx'
import { lengthFault, variationFault } from './preflight.ts'
import { ShapeIcon } from './ShapeIcon.tsx'

const SHAPE_ICONS = {
  '9:16': <ShapeIcon shape="9:16" />,
  '16:9': <ShapeIcon shape="16:9" />,
  '1:1': <ShapeIcon shape="1:1" />,
}

type DrawerProps = {
  id: string
  mode: ModeId
  settings: Settings
  onChange: (part: Partial<Settings>) => void
}

/** The settings that are closed away until they are wanted. */
export default function Drawer({ id, mode, settings, onChange }: DrawerProps) {
  const source = mode === 'audio' ? 'sound' : 'clip'
  return (
    <section
      id={id}
      aria-label="Advanced"
      data-testid="drawer"
      className="grid gap-x-6 gap-y-5 border-t border-line px-4 py-5 sm:grid-cols-2"
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
        label="Variation number"
        inputMode="numeric"
        placeholder="New each time"
        value={settings.variation}
        onChange={(variation) => onChange({ variation: variation.trim() })}
        fault={variationFault(settings)}
        hint="The same number repeats the same take."
      />
      <div className="sm:col-span-2">
        <TextField
          label="What to avoid"
          maxLength={4000}
          placeholder="For example: blur, text, extra people"
          value={settings.avoid}
          onChange={(avoid) => onChange({ avoid })}
        />
      </div>
    </section>
  )
}
