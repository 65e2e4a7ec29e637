import { Clock, Sparkles } from 'lucide-react'

import { Button } from '../../components/Button.tsx'

type GenerateButtonProps = {
  ready: boolean
  /** The server takes no more right now: it is sent later. */
  later: boolean
}

/** What the page is for. It stays in sight on phones, above the keyboard. */
export function GenerateButton({ ready, later }: GenerateButtonProps) {
  const Icon = later ? Clock : Sparkles
  return (
    <div className="generate sm:border-t sm:border-line sm:py-2 sm:pr-3">
      <Button
        look="primary"
        type="submit"
        data-testid={later ? 'save-for-later' : 'generate'}
        disabled={!ready}
        className="w-full px-5"
        title="Ctrl + Enter"
      >
        <Icon size={16} aria-hidden /> {later ? 'Save for later' : 'Generate'}
      </Button>
    </div>
  )
}
