import { Segmented } from '../../components/Segmented.tsx'
import { Switch } from '../../components/Switch.tsx'
import { ADHERENCES, FRAMINGS } from '../../lib/choices.ts'
import type { ModeId } from '../../lib/modes.ts'
import type { Settings } from './draft.ts'
import { takesAdherence } from './request.ts'

type ModeSettingsProps = {
  mode: ModeId
  settings: Settings
  onChange: (part: Partial<Settings>) => void
}

/** The settings only one mode has. */
export function ModeSettings({ mode, settings, onChange }: ModeSettingsProps) {
  if (mode === 'move') return null
  if (mode === 'mix') {
    return (
      <>
        <Switch
          label="Keep the background"
          hint="The clip’s own scene stays."
          checked={settings.keepBackground}
          onChange={(keepBackground) => onChange({ keepBackground })}
        />
        <Switch
          label="Match the clip’s light"
          hint="Your character is lit like the scene."
          checked={settings.matchLight}
          onChange={(matchLight) => onChange({ matchLight })}
        />
      </>
    )
  }
  const follows = takesAdherence(settings)
  return (
    <>
      <Segmented
        label="Framing"
        choices={FRAMINGS}
        value={settings.framing}
        onChange={(framing) => onChange({ framing })}
      />
      <Segmented
        label="How closely it follows the voice"
        choices={ADHERENCES}
        value={settings.adherence}
        onChange={(adherence) => onChange({ adherence })}
        disabled={!follows}
        hint={follows ? undefined : 'Not in Draft. Choose Standard or High.'}
      />
    </>
  )
}
