import type { JWK } from 'jose'
import { publicKeysOf } from './verification-keys.js'

/** Bounds of one fetch. */
export interface FetchLimits {
  readonly timeoutMs: number
  readonly maxBytes: number
}

/** The public keys of a set, or in words why there are none. */
export type FetchedKeySet =
  | { readonly ok: true; readonly keys: readonly JWK[] }
  | { readonly ok: false; readonly reason: string }

function failed(reason: string): FetchedKeySet {
  return { ok: false, reason }
}

/**
 * Fetches a key set. Redirects are not followed: a set comes from the address that was given or
 * not at all. Never rejects, and says nothing of the address or the answer.
 */
export async function fetchKeySet(url: URL, limits: FetchLimits): Promise<FetchedKeySet> {
  const signal = AbortSignal.timeout(limits.timeoutMs)
  let text: string | null
  try {
    const response = await fetch(url, {
      signal,
      redirect: 'manual',
      headers: { accept: 'application/json, application/jwk-set+json' },
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      return failed(`the answer has status ${response.status}`)
    }
    text = await boundedText(response, limits.maxBytes)
  } catch {
    return failed(
      signal.aborted ? `no answer within ${limits.timeoutMs} ms` : 'no connection to the address',
    )
  }
  if (text === null) return failed(`the answer is larger than ${limits.maxBytes} bytes`)
  const keys = publicKeysOf(parsed(text))
  return keys === null ? failed('the answer is not a JSON Web Key Set') : { ok: true, keys }
}

/** The body, or null as soon as it is too large. */
async function boundedText(response: Response, maxBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  const body = (response.body ?? []) as AsyncIterable<Uint8Array>
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
