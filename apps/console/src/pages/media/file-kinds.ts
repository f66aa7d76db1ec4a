import type { Tone } from '../../details/status.js'

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
  if (bytes < 1000) return `${String(bytes)}\u00a0B`
  if (bytes < 1_000_000) return `${short(bytes / 1000)}\u00a0kB`
  return `${short(bytes / 1_000_000)}\u00a0MB`
}

function short(count: number): string {
  return count.toFixed(1).replace(/\.0$/, '')
}
