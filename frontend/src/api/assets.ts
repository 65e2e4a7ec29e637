import { useQuery } from '@tanstack/react-query'

import { onceSignedIn } from '../lib/signedIn.ts'
import { client, dataOf } from './client.ts'
import { isSignedOut, toApiError } from './problem.ts'
import type { Asset } from './types.ts'

const READING_MS = 1_000

export type UploadOptions = {
  kind: Asset['asset_type']
  file: File
  /** Called with the part that has left, 0 to 1. */
  onProgress: (sent: number) => void
  signal: AbortSignal
}

/** Send one file. */
export function uploadAsset(upload: UploadOptions): Promise<Asset> {
  return onceSignedIn(() => send(upload), isSignedOut)
}

/** By XMLHttpRequest, for fetch does not tell how much has left. */
function send({ kind, file, onProgress, signal }: UploadOptions): Promise<Asset> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const request = new XMLHttpRequest()
    const form = new FormData()
    form.append('file', file, file.name)
    request.open('POST', `/api/assets/${kind}`)
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    })
    request.addEventListener('load', () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText) as Asset)
      else reject(refusalOf(request))
    })
    request.addEventListener('error', () => reject(new TypeError('upload failed')))
    signal.addEventListener('abort', () => request.abort())
    request.send(form)
  })
}

function refusalOf(request: XMLHttpRequest): Error {
  const { status, responseText } = request
  return toApiError(status, responseText, request.getResponseHeader('Retry-After'))
}

/** A file as it is known now: what is still read of it comes in, and its addresses are new. */
export function useFreshAsset(asset: Asset): Asset {
  const { data } = useQuery({
    queryKey: ['asset', asset.asset_id],
    queryFn: () => fetchAsset(asset.asset_id),
    initialData: asset,
    initialDataUpdatedAt: 0,
    refetchInterval: ({ state }) => state.data?.checked === false && READING_MS,
  })
  return data
}

export function fetchAsset(asset_id: string): Promise<Asset> {
  return dataOf(client.GET('/api/assets/{asset_id}', { params: { path: { asset_id } } }))
}
