import { fetchAsset, uploadAsset, type UploadOptions } from '../../api/assets.ts'
import { isGone, mayPass, problemWords, retryAt } from '../../api/problem.ts'
import { fetchSampleFile, type SampleFile } from '../../api/samples.ts'
import type { Asset } from '../../api/types.ts'
import { keep, recall } from '../../lib/stored.ts'
import type { ChipStatus } from './draft.ts'

type Told = Pick<UploadOptions, 'onProgress' | 'signal'>

/** Where a chip's file comes from; asked again when it failed. */
export type Source =
  | { from: 'file'; file: File; kind: UploadOptions['kind'] }
  | { from: 'server'; asset_id: string }
  | { from: 'samples'; sample: SampleFile }

const SENT = 'samples'

type Sent = Record<string, string>

export function assetFrom(source: Source, told: Told): Promise<Asset> {
  switch (source.from) {
    case 'file':
      return uploadAsset({ ...source, ...told })
    case 'server':
      return fetchAsset(source.asset_id)
    case 'samples':
      return sampleAsset(source.sample, told)
  }
}

export function failed(error: unknown): ChipStatus {
  const message = problemWords(error).lines[0] ?? ''
  const at = retryAt(error)
  return { state: 'failed', message, passing: mayPass(error), ...(at !== null && { at }) }
}

/** A sample is sent once in a tab. */
async function sampleAsset(sample: SampleFile, told: Told): Promise<Asset> {
  const asset_id = sentSamples()[sample.sha256]
  if (asset_id !== undefined) {
    try {
      return await fetchAsset(asset_id)
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }
  const file = await fetchSampleFile(sample)
  const asset = await uploadAsset({ kind: sample.kind, file, ...told })
  keep('sessionStorage', SENT, { ...sentSamples(), [sample.sha256]: asset.asset_id })
  return asset
}

function sentSamples(): Sent {
  return recall<Sent>('sessionStorage', SENT) ?? {}
}
