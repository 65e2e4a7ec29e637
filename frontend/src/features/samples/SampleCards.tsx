import { sampleUrl, useSamples } from '../../api/samples.ts'
import { MODE_IDS, MODES } from '../../lib/modes.ts'
import { SamplePicture } from './SamplePicture.tsx'
import { useSample, type OnSample } from './useSample.ts'

/** What stands below the composer before there is a first video. */
export default function SampleCards({ onSample }: { onSample: OnSample }) {
  const { data: samples, isError } = useSamples()
  const sample = useSample(onSample)
  return (
    <section aria-labelledby="samples" className="space-y-4">
      <h2 id="samples" className="text-base font-semibold">
        {isError ? 'Your videos will show here.' : 'New here? Start with a sample.'}
      </h2>
      {!isError && (
        <ul className="grid gap-4 sm:grid-cols-3">
          {MODE_IDS.map((mode) => (
            <li key={mode}>
              <button
                type="button"
                data-testid={`sample-card-${mode}`}
                onClick={() => sample.mutate(mode)}
                className="group block h-full w-full overflow-hidden rounded-card border border-line bg-surface text-left transition-colors duration-150 hover:border-control"
              >
                <SamplePicture
                  mode={mode}
                  picture={sampleUrl(samples, 'image')}
                  clip={sampleUrl(samples, 'video')}
                />
                <span className="block p-4">
                  <span className="block font-medium">{MODES[mode].label}</span>
                  <span className="mt-0.5 block text-[13px] text-muted">
                    {MODES[mode].sentence}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {sample.isError && (
        <p role="alert" className="text-bad">
          The sample did not load. Try again.
        </p>
      )}
    </section>
  )
}
