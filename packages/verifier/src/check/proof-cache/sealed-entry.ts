import { createHash } from 'node:crypto'
import type { ProofCache } from './proof-cache.js'

/** Reads an entry; undefined where there is none, or none that is whole. A store never ends a run. */
export async function readEntry(cache: ProofCache, key: string): Promise<unknown> {
  try {
    const text = await cache.get(key)
    const at = text?.indexOf('\n') ?? -1
    if (text === undefined || at < 0) return undefined
    const body = text.slice(at + 1)
    return text.slice(0, at) === checksum(key, body) ? (JSON.parse(body) as unknown) : undefined
  } catch {
    return undefined
  }
}

/** Writes an entry with a checksum over key and content; a store that fails costs the next run time. */
export async function writeEntry(cache: ProofCache, key: string, content: unknown): Promise<void> {
  const body = JSON.stringify(content)
  await cache.set(key, `${checksum(key, body)}\n${body}`).catch(() => undefined)
}

/** SHA-256 in hex over texts, kept apart from each other. */
export function checksum(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest('hex')
}
