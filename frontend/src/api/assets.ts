import { client, dataOf } from './client.ts'
import { toApiError } from './problem.ts'
import type { Asset } from './types.ts'

export type UploadOptions = {
  kind: Asset['asset_type']
  file: File
  /** Called with the part that has left, 0 to 1. */
  onProgress: (sent: number) => void
  signal: AbortSignal
}

/** Send one file. XMLHttpRequest, for fetch does not tell how much has left. */
export function uploadAsset({ kind, file, onProgress, signal }: UploadOptions): Promise<Asset> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const form = new FormData()
    form.append('file', file, file.name)
    request.open('POST', `/api/assets/${kind}`)
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    })
    request.addEventListener('load', () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText) as Asset)
      else reject(toApiError(request.status, request.responseText))
    })
    request.addEventListener('error', () => reject(new TypeError('upload failed')))
    signal.addEventListener('abort', () => request.abort())
    request.send(form)
  })
}

export function fetchAsset(asset_id: string): Promise<Asset> {
  return dataOf(client.GET('/api/assets/{asset_id}', { params: { path: { asset_id } } }))
}
