import { Banner } from '../../../components/Banner.tsx'
import type { Admin } from '../../api.ts'

type SaturationLineProps = { saturation: Admin<'Saturation'>; gpus: number }

/** Whether more wait than the backends are meant to have waiting. */
export function SaturationLine({ saturation, gpus }: SaturationLineProps) {
  const { message, reached } = saturation
  return (
    <Banner tone={reached || gpus === 0 ? 'busy' : 'calm'} data-testid="saturation">
      {message}
    </Banner>
  )
}
