import type { Tone } from '../../details/status.js'
import type { ItemOf } from '../../lists/use-list.js'

/** A file of the tenant. */
export type FileEntry = ItemOf<'/api/v1/files'>

/** Types of content that the API takes. */
export const contentTypes: readonly string[] = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/gif',
  'application/pdf',
  'application/zip',
  'application/json',
  'text/csv',
  'text/plain',
]

/** What the states of a file mean. */
export const fileTones: Readonly<Record<string, Tone>> = {
  uploading: 'waiting',
  ready: 'good',
  quarantined: 'bad',
}

/** A number of bytes in the unit that suits it. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${String(bytes)} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
